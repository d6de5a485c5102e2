import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type Served, type World } from '../support/served.js'
import { until } from '../support/until.js'

let world: World
let text: string
let served: Served
beforeAll(async () => {
  world = await createWorld()
  text = world.text()
  served = await world.serve(text)
})
afterAll(() => world?.end())

const reason = async () => (await served.readiness()).parts.find(({ name }) => name === 'configuration')?.reason

describe('D7: readiness tells of a configuration that was refused at SIGHUP', () => {
  test.each<[string, () => void]>([
    ['the file has gone',        () => rmSync(world.file('k.conf'))],
    ['it cannot be read',        () => { rmSync(world.file('k.conf')); mkdirSync(world.file('k.conf')) }],
    ['it is not TOML',           () => writeFileSync(world.file('k.conf'), 'nonsense')],
    ['a certificate is missing', () => writeFileSync(world.file('k.conf'), text.replace(/kapacitor-url = .*/, 'kapacitor-url = "https://127.0.0.1:1"\n  kapacitor-ca = "/nonexistent"'))],
  ])('%s', async (_says, spoil) => {
    expect(await reason()).toBeUndefined()
    const said = served.program.stderr().length
    spoil()
    served.program.child.kill('SIGHUP')
    await until(async () => (await reason()) === 'the last reload was refused: see the log')
    await until(() => served.program.stderr().slice(said).includes('reload failed; configuration unchanged'))
    expect(await served.status()).toBe(200)
    rmSync(world.file('k.conf'), { recursive: true, force: true })
    served.reload(text)
    await until(async () => (await reason()) === undefined)
  })
})
