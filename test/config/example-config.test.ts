import { fileURLToPath } from 'node:url'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { describeConfig } from '../../src/config/describe-config.js'
import { exampleConfig } from '../../src/config/example-config.js'
import { eachKey } from '../../src/config/sections/sections.js'
import { load, loadToml } from './support.js'

const FILE = fileURLToPath(new URL('../../kapacitor.conf.example', import.meta.url))
const platform = { name: 'linux', isRoot: true } as const
const uncommented = exampleConfig().replace(/^ {2}#(?=[a-z])/gm, '  ')

test('kapacitor.conf.example is what the table renders; vitest -u writes it anew', async () => {
  await expect(exampleConfig()).toMatchFileSnapshot(FILE)
})

describe('it says what is so', () => {
  test('as it stands, it changes nothing', () => {
    const config = load({ file: FILE, platform })
    expect(describeConfig(config)).toEqual(describeConfig(load({ platform })))
    expect(config.warnings).toEqual([])
  })

  test('with every comment mark removed, neither', () => {
    const values = (rows: ReturnType<typeof describeConfig>) => rows.map(({ origin: _, ...row }) => row)
    const config = loadToml(uncommented, { platform })
    expect(values(describeConfig(config))).toEqual(values(describeConfig(load({ platform }))))
    expect(config.warnings).toEqual([])
  })

  test('every key stands in it once, with a line of its own', () => {
    const sections = parse(uncommented) as Record<string, object>
    const found = Object.entries(sections).flatMap(([section, keys]) => Object.keys(keys).map((name) => `${section}.${name}`))
    expect(found).toEqual([...eachKey()].map(({ id }) => id))
  })

  test('no line is too long or ends in a space', () => {
    for (const line of exampleConfig().split('\n')) {
      expect(line.length).toBeLessThanOrEqual(100)
      expect(line).not.toMatch(/\s$/)
    }
  })
})
