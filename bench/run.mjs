// npm run bench [-- --quick] [-- --only hits,users]: what authentication costs, as ratios within this one run.
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startGenerator } from './lib/load.mjs'
import { printRows } from './lib/rows.mjs'
import { beside } from './rows/beside.mjs'
import { hashing } from './rows/hashing.mjs'
import { hits } from './rows/hits.mjs'
import { influxdb } from './rows/influxdb.mjs'
import { influxql } from './rows/influxql.mjs'
import { providerToken } from './rows/provider-token.mjs'
import { tokenFlood } from './rows/token-flood.mjs'
import { manyUsers } from './rows/users.mjs'
import { workers } from './rows/workers.mjs'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const { quick } = values
const generator = startGenerator()

/** In each round the scenarios take turns, a tenth of a second each, so that a slow moment meets all alike. */
const turns = (rounds, warmUp, slices) => ({ rounds, warmUp, slices })

const PARTS = {
  hits: () => hits({ ...(quick ? turns(1, 5, 3) : turns(5, 12, 8)), others: !quick }),
  users: () =>
    manyUsers({
      generator,
      counts: quick ? [20_000] : [100_000, 1_000_000],
      warmUp: quick ? 4 : 12,
      slices: quick ? 5 : 15,
    }),
  hashing: () => hashing({ quick }),
  workers: () => workers({ ...(quick ? turns(1, 1, 2) : turns(5, 4, 3)), withComparison: !quick }),
  influxql: () => influxql(quick ? { rounds: 3, count: 5_000 } : { rounds: 9, count: 50_000 }),
  'provider-token': () => providerToken(quick ? { rounds: 3, count: 100 } : {}),
  'token-flood': () => tokenFlood(quick ? { rounds: 1, slices: 2 } : {}),
  influxdb: () => influxdb({ generator, ...(quick ? turns(1, 3, 3) : turns(3, 8, 7)) }),
  beside: () => beside({ generator, ...(quick ? turns(1, 3, 3) : turns(3, 8, 7)) }),
}

console.log(`${availableParallelism()} cores, ${cpus()[0].model}, Node ${process.version}\n`)
const rows = []
const usual = Object.keys(PARTS).filter(
  (name) => !quick || (name !== 'beside' && name !== 'influxdb'),
)
const chosen = values.only?.split(',') ?? usual
for (const name of chosen) {
  if (!PARTS[name]) throw new Error(`--only takes ${Object.keys(PARTS).join(', ')}`)
  const start = performance.now()
  rows.push(...(await PARTS[name]()))
  process.stderr.write(`${name}: ${Math.round((performance.now() - start) / 1000)} s\n`)
}
generator.stop()
printRows(rows)
