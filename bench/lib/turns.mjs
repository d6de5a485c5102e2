// Several servers measured side by side, so that a slow moment of the machine meets all alike.
import { once } from './load.mjs'

/** Requests in a slice: about a tenth of a second. */
const REQUESTS = 2000

/**
 * Rounds, each with fresh servers: what V8 makes of the first requests differs from process to process. Within a round
 * the scenarios take turns, a slice each.
 *
 * @param scenarios `start()` a server `{port, cpu?(), stop()}`; `headers`, `path`, `method`, `body`, `status` of its requests; `requests`
 *   and `turns` for those that take long: how many in a slice, and how many slices
 * @returns for each round, for each scenario, its slices: requests a second, CPU microseconds a request
 */
export async function inTurns({ scenarios, generator, rounds, warmUp, slices }) {
  const all = []
  for (let i = 0; i < rounds; i++) all.push(await round({ scenarios, generator, warmUp, slices }))
  return all
}

async function round({ scenarios, generator, warmUp, slices }) {
  const servers = await Promise.all(scenarios.map(({ start }) => start()))
  for (const [n, { port }] of servers.entries()) await once({ port, ...scenarios[n] })
  const taken = scenarios.map(() => [])
  for (let i = 0; i < warmUp + slices; i++) {
    for (const n of orderOf(scenarios.length, i)) {
      const { turns } = scenarios[n]
      // What takes long has little to warm up
      if (turns && (i < warmUp || i >= warmUp + turns)) continue
      const slice = await measure(servers[n], scenarios[n], generator)
      if (i >= warmUp) taken[n].push(slice)
    }
  }
  await Promise.all(servers.map((server) => server.stop()))
  return taken
}

/** Each is the first one in its turn, and neighbours change sides: whom one comes after makes a difference. */
function orderOf(length, turn) {
  const order = Array.from({ length }, (_, n) => (n + turn) % length)
  return turn % 2 ? order.reverse() : order
}

async function measure(server, scenario, generator) {
  const { port } = server
  const { headers, path, method, body, status, users, requests = REQUESTS } = scenario
  const before = await server.cpu?.()
  const sent = await generator.send({ port, headers, path, method, body, status, users, requests })
  const after = await server.cpu?.()
  return { perSecond: sent.requests / sent.seconds, cpu: (after - before) / sent.requests }
}
