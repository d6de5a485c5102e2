// What authentication costs a Koa application, and what one would take otherwise.
import { median } from '../lib/figures.mjs'
import { basic } from '../lib/load.mjs'
import { PASSWORD, startMeta } from '../lib/meta.mjs'
import { startProcess } from '../lib/process.mjs'
import { row } from '../lib/rows.mjs'
import { tokenOf } from '../lib/token.mjs'
import { inTurns } from '../lib/turns.mjs'

/** `requests` and `turns` for those that take long: koa-passport hashes for each request, on the thread that serves. */
const OTHERS = [
  { key: 'koa-basic-auth', name: 'koa-basic-auth, one plain password' },
  { key: 'koa-jwt', name: 'koa-jwt', token: true, requests: 300, turns: 5 },
  {
    key: 'koa-passport',
    name: 'koa-passport, passport-http, bcryptjs cost 10',
    digits: 4,
    requests: 16,
    turns: 2,
  },
]

/**
 * @param {{ generator: object, rounds: number, warmUp: number, slices: number, others: boolean }} options `others`: whether
 *   to compare with other logins
 */
export async function hits({ generator, rounds, warmUp, slices, others }) {
  const meta = await startMeta()
  const ann = basic('ann', PASSWORD)
  const bearer = { authorization: `Bearer ${tokenOf('ann')}` }
  const server = (name) => () => startProcess(name, meta.port)
  const scenarios = [
    { key: 'bare', start: server('bare'), headers: ann },
    { key: 'basic', start: server('auth'), headers: ann },
    { key: 'jwt', start: server('auth'), headers: bearer },
    { key: '403', start: server('auth'), headers: basic('weak', PASSWORD), status: 403 },
    { key: '401', start: server('auth'), headers: {}, status: 401 },
    ...(others
      ? OTHERS.map(({ key, token, ...few }) => ({
          key,
          start: server(key),
          headers: token ? bearer : ann,
          ...few,
        }))
      : []),
  ]
  const taken = await inTurns({ scenarios, generator, rounds, warmUp, slices })
  meta.close()

  const compare = (key, figure) => {
    const n = scenarios.findIndex((one) => one.key === key)
    return taken.map((round) => median(round[n].map((slice, i) => figure(slice, round[0][i]))))
  }
  const ratio = (key) => compare(key, (slice, bare) => slice.perSecond / bare.perSecond)
  return [
    'requests/s as a ratio to the same Koa application without a login',
    row('cache hit, Basic', ratio('basic'), { floor: 0.92, aim: 0.97 }),
    row('cache hit, JWT (HS256)', ratio('jwt'), { floor: 0.85, aim: 0.95 }),
    row('refused, 403', ratio('403'), { floor: 0.9, aim: 0.97 }),
    row('refused, 401 without credentials', ratio('401')),
    ...(others ? OTHERS.map(({ key, name, digits }) => row(name, ratio(key), { digits })) : []),
    'CPU',
    row(
      'added by a cache hit, µs a request',
      compare('basic', (slice, bare) => slice.cpu - bare.cpu),
      {
        floor: 12,
        aim: 5,
        better: 'less',
        digits: 1,
      },
    ),
  ]
}
