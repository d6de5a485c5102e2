import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Influxd, isInfluxdMissing, startInfluxd } from '../support/influxd.js'
import { startDoor, type TestDoor } from '../support/influxdb-door.js'
import { differences, type InfluxdbCase, sendCase } from '../support/influxdb-replay.js'

const cases: InfluxdbCase[] = JSON.parse(readFileSync(new URL('../fixtures/influxdb-cases.json', import.meta.url), 'utf8'))
const groups = [...new Set(cases.map(({ group }) => group))]

/** Cases that are answered otherwise on purpose, with the reason. */
const DEVIATIONS: ReadonlyMap<number, string> = new Map(
  ([
    ['"Authorization: Token user:password" is accepted, as by InfluxDB 1.7.3 and later', 60],
    ['a token whose exp is before its first second has expired: InfluxDB lets it in for ever', 120],
    ['a token whose exp is given in milliseconds would be valid for 50,000 years, and is refused', 122],
    ['nobody gets an empty password, and nobody signs in with one', 170, 171],
    ['SHOW USERS does not show the user who would have had an empty password', 202, 354, 359],
    ['what stands in the place of a password, or right behind one, is not repeated in an error', 177, 178, 179, 192, 194, 195, 833, 834],
    ['SHOW ... CARDINALITY needs READ on the database that it is about', 476, 477, 478, 479, 480, 602, 603, 604, 605, 606, 711, 717, 723],
  ] as [string, ...number[]][]).flatMap(([reason, ...ids]) => ids.map((id) => [id, reason] as const)),
)

describe.skipIf(isInfluxdMissing())('answers as the recorded InfluxDB does, but for our deviations', () => {
  let influxd: Influxd
  let door: TestDoor

  beforeAll(async () => {
    influxd = await startInfluxd()
    door = await startDoor(influxd.url)
  })

  afterAll(async () => {
    await door?.close()
    await influxd?.close()
  })

  test.each(groups)('%s', async (group) => {
    const wrong: string[] = []
    for (const recorded of cases.filter((one) => one.group === group)) {
      const found = differences(recorded, await sendCase(door.url, recorded))
      if (DEVIATIONS.has(recorded.id) !== found.length > 0) wrong.push(`${recorded.id} ${recorded.name}: ${found.join('; ') || 'no longer a deviation'}`)
    }
    expect(wrong).toEqual([])
  }, 120_000)
})
