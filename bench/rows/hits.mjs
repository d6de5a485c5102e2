// What authentication costs a Koa application, and what one would take otherwise.
import { median } from '../lib/figures.mjs'
import { basic, startGenerator } from '../lib/load.mjs'
import { PASSWORD, startMeta } from '../lib/meta.mjs'
import { startProcess } from '../lib/process.mjs'
import { createProvider } from '../lib/provider.mjs'
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

/** Servers on one core, the generator on another: it is the servers that are measured. */
const SERVERS = 0
const GENERATOR = 1

/**
 * @param {{ rounds: number, warmUp: number, slices: number, others: boolean }} options `others`: whether
 *   to compare with other logins
 */
export async function hits({ rounds, warmUp, slices, others }) {
  const provider = createProvider()
  const meta = await startMeta({ keySet: provider.keySet })
  const generator = startGenerator(GENERATOR)
  const ann = basic('ann', PASSWORD)
  const bearer = { authorization: `Bearer ${tokenOf('ann')}` }
  const provided = { authorization: `Bearer ${provider.tokenOf(`http://127.0.0.1:${meta.port}/`)}` }
  const server = (name) => () => startProcess(name, meta.port, SERVERS)
  // The same bytes: a longer header costs Node itself more, one of a thousand characters some microseconds
  const bare = { key: 'bare', start: server('bare'), headers: ann }
  const bareJwt = { key: 'bare jwt', start: server('bare'), headers: bearer }
  const bareToken = { key: 'bare token', start: server('bare'), headers: provided }
  const measured = (scenarios, few = {}) =>
    compareWithFirst(scenarios, { generator, rounds, warmUp, slices, ...few })
  const ours = await measured([
    bare,
    bareJwt,
    bareToken,
    { key: 'basic', start: server('auth'), headers: ann },
    { key: 'jwt', start: server('auth'), headers: bearer },
    { key: 'provider', start: server('provider'), headers: provided },
    { key: '403', start: server('auth'), headers: basic('weak', PASSWORD), status: 403 },
    { key: '401', start: server('auth'), headers: {}, status: 401 },
  ])
  // Apart from ours: what hashes for a second on the thread that serves leaves cold caches to those after it
  const theirs =
    others &&
    (await measured(
      [
        bare,
        ...OTHERS.map(({ token, ...one }) => ({
          ...one,
          start: server(one.key),
          headers: token ? bearer : ann,
        })),
      ],
      { rounds: Math.min(rounds, 3), warmUp: 6 },
    ))
  generator.stop()
  meta.close()

  return [
    'requests/s as a ratio to the same Koa application without a login',
    row('cache hit, Basic', ours.ratio('basic'), { floor: 0.86, aim: 0.97 }),
    row('cache hit, JWT (HS256)', ours.ratio('jwt', 'bare jwt'), { floor: 0.85, aim: 0.95 }),
    row("cache hit, a provider's token (RS256)", ours.ratio('provider', 'bare token'), {
      floor: 0.9,
      aim: 0.95,
    }),
    row('refused, 403', ours.ratio('403'), { floor: 0.9, aim: 0.97 }),
    row('refused, 401 without credentials', ours.ratio('401')),
    ...(theirs
      ? OTHERS.map(({ key, name, digits }) => row(name, theirs.ratio(key), { digits }))
      : []),
    'CPU',
    row('added by a cache hit, µs a request', ours.added('basic'), {
      floor: 12,
      aim: 5,
      better: 'less',
      digits: 1,
    }),
  ]
}

/** Each scenario, by its key, against another, the first one unless it is named: slice by slice, the median of each round. */
async function compareWithFirst(scenarios, options) {
  const taken = await inTurns({ scenarios, ...options })
  const indexOf = (key) => scenarios.findIndex((one) => one.key === key)
  const compare = (key, base, figure) =>
    taken.map((round) => {
      const [own, other] = [round[indexOf(key)], round[indexOf(base)]]
      return median(own.map((slice, i) => figure(slice, other[i])))
    })
  const first = scenarios[0].key
  return {
    ratio: (key, base = first) =>
      compare(key, base, (slice, other) => slice.perSecond / other.perSecond),
    added: (key) => compare(key, first, (slice, other) => slice.cpu - other.cpu),
  }
}
