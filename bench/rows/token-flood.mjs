// A cached user while a client floods the server with bad tokens of an identity provider, against idle.
import { fork } from 'node:child_process'
import { once as event } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '../lib/figures.mjs'
import { basic, latencies, once } from '../lib/load.mjs'
import { PASSWORD, startMeta } from '../lib/meta.mjs'
import { startProcess } from '../lib/process.mjs'
import { createProvider } from '../lib/provider.mjs'
import { row } from '../lib/rows.mjs'

/** Bad tokens a second: 10,000 in the five rounds. */
const PER_SECOND = 1000

/** With the limit per address as it comes, and without: as if each token came from another address. */
const SERVERS = { limited: 'provider', unlimited: 'provider-unlimited' }

/** What the attacker does meanwhile, a slice each in turns. */
const TURNS = { limited: ['', 'tokens', 'no credentials'], unlimited: ['', 'tokens'] }

/** @param {{ rounds?: number, slices?: number, slice?: number }} [options] `slice` in milliseconds */
export async function tokenFlood({ rounds = 5, slices = 5, slice = 400 } = {}) {
  const provider = createProvider()
  const meta = await startMeta({ keySet: provider.keySet })
  const issuer = `http://127.0.0.1:${meta.port}/`
  const attacker = startAttacker(issuer)
  const cached = [basic('ann', PASSWORD), { authorization: `Bearer ${provider.tokenOf(issuer)}` }]
  const ratios = { limited: [], unlimited: [], 'no credentials': [] }
  for (const [name, scenario] of Object.entries(SERVERS)) {
    const { port, stop } = await startProcess(scenario, meta.port)
    for (const headers of cached) for (let i = 0; i < 3; i++) await once({ port, headers })
    const round = async () => {
      const times = Object.fromEntries(TURNS[name].map((kind) => [kind, []]))
      for (let i = 0; i < slices; i++) {
        for (const kind of TURNS[name]) {
          if (kind) await attacker.flood({ port, kind })
          await pause(50)
          times[kind].push(...(await timesOf(port, cached, slice)))
          if (kind) await attacker.rest()
        }
      }
      return (kind) => percentile(times[kind], 0.99) / percentile(times[''], 0.99)
    }
    await round() // warms up
    for (let i = 0; i < rounds; i++) {
      const against = await round()
      ratios[name].push(against('tokens'))
      if (TURNS[name].includes('no credentials')) {
        ratios['no credentials'].push(against('no credentials'))
      }
    }
    await stop()
  }
  attacker.stop()
  meta.close()
  const what = `cached users' p99 beside ${PER_SECOND} bad tokens/s, against idle`
  return [
    'a flood of bad tokens of an identity provider: forged, expired, with an unknown key',
    row(what, ratios.limited, { floor: 1.3, better: 'less' }),
    row('the same without a limit per address', ratios.unlimited, { better: 'less' }),
    row('beside as many requests without credentials', ratios['no credentials'], {
      better: 'less',
    }),
  ]
}

/** Of requests of both users, each of which sends one every few milliseconds. */
async function timesOf(port, users, time) {
  const until = pause(time)
  return (await Promise.all(users.map((headers) => latencies({ port, headers }, until)))).flat()
}

function startAttacker(issuer) {
  const child = fork(new URL('../lib/token-flood.mjs', import.meta.url))
  const tell = async (order) => {
    child.send(order)
    return (await event(child, 'message'))[0].statuses
  }
  return {
    flood: (order) => tell({ ...order, issuer, perSecond: PER_SECOND }),
    async rest() {
      const statuses = await tell({})
      if (Object.keys(statuses).some((status) => status !== '401' && status !== '429')) {
        throw new Error(`bad tokens got ${JSON.stringify(statuses)}`)
      }
    },
    stop: () => child.disconnect(),
  }
}
