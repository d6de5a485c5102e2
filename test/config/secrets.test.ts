import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/config/config.js'
import { describeConfig } from '../../src/config/describe-config.js'
import { variableOf } from '../../src/config/sections/config-file.js'
import { eachKey } from '../../src/config/sections/sections.js'
import { AuthError } from '../../src/errors.js'
import { file, load, loadToml } from './support.js'

const secretKeys = [...eachKey()].filter(({ key }) => key.kind.isSecret)
const keys = fc.constantFrom(...secretKeys)

/** Something that occurs in no message by chance, with something that may break one. */
const text = (maxLength: number) =>
  fc.string({ unit: 'grapheme', maxLength }).map((some) => `zq7${some.replaceAll('\0', '')}`)

/** Everything that is ever printed of a configuration, or of the refusal. */
function printed(attempt: () => Config): string {
  try {
    const config = attempt()
    return [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      JSON.stringify(describeConfig(config)),
      config.warnings.join(),
      [...config.origins].join(),
    ].join()
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return `${error.stack} ${inspect(error, { depth: 9, showHidden: true })}`
  }
}

describe('a secret is never printed', () => {
  test('when all is well', () => {
    fc.assert(
      fc.property(keys, text(20), ({ id }, some) => {
        const value = `${some}, and more of the same`
        const config = () => load({ overrides: { [id]: value, 'auth.meta-username': 'a' } })
        expect(printed(config)).not.toContain('zq7')
      }),
    )
  })

  test('when something is wrong with it, or with anything else', () => {
    fc.assert(
      fc.property(keys, text(100), fc.boolean(), ({ id, section, name }, value, isText) => {
        const overrides = { [id]: isText ? value : [value], 'auth.bcrypt-cost': 'x' }
        const env = { [variableOf(section, name)]: value, KAPACITOR_AUTH_ENABLED: 'x' }
        expect(printed(() => load({ overrides }))).not.toContain('zq7')
        expect(printed(() => load({ env }))).not.toContain('zq7')
      }),
    )
  })

  test('when the file is broken around it', () => {
    const line = keys.chain(({ name }) =>
      text(12).map((value) => `${name} = "${value.replace(/[\\"\p{Cc}]/gu, '')}"`),
    )
    const broken = fc.tuple(line, fc.nat(60)).map(([whole, at]) => whole.slice(0, at) + whole.slice(at + 1))
    fc.assert(
      fc.property(fc.array(fc.oneof(line, broken), { maxLength: 3 }), fc.constantFrom('auth', 'http', 'meta'), (lines, section) => {
        // A key that was itself broken apart may hold the text; what follows the first quote may not.
        fc.pre(lines.every((one) => /^[\w-]+ ?=?/.test(one)))
        expect(printed(() => loadToml(`[${section}]\n${lines.join('\n')}\n`))).not.toContain('zq7')
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    // says                               TOML
    ['in a text that does not end',       '[auth]\nmeta-password = "zq7'],
    ['in a line without key',             '[auth]\n"zq7'],
    ['in an escape that is none',         '[auth]\nmeta-password = "zq7\\q"'],
    ['in a bare word',                    '[auth]\nmeta-password = zq7'],
    ['above a broken line',               '[auth]\nmeta-password = "zq7"\noops'],
    ['below a broken line',               '[auth]\noops\nmeta-password = "zq7"'],
    ['twice',                             '[auth]\nmeta-password = "zq7"\nmeta-password = "zq7"'],
    ['in an array',                       '[auth]\nmeta-password = ["zq7"]'],
    ['in a table',                        '[auth]\nmeta-password = { zq7 = "zq7" }'],
    ['in a section of its own',           '[auth.meta-password]\nvalue = "zq7"'],
    ['under a misspelt key',              '[auth]\nmeta-pasword = "zq7"'],
    ['under an unknown key',              '[auth]\nkrbtgt = "zq7"'],
    ['under the wrong section',           '[meta]\nmeta-password = "zq7"'],
    ['for a section',                     'auth = "zq7"'],
    ['in a misplaced table',              '[auth]\nbcrypt-cost = { password = "zq7" }'],
    ['in an address',                     '[auth]\nmeta-addr = "admin:zq7@meta:8091"'],
    ['in an address among others',        '[auth]\nmeta-addr = "a:1, https://admin:zq7@meta:8091"'],
    ['in an address in an array',         '[auth]\nmeta-addr = ["a:1", "http://admin:zq7@meta:8091"]'],
    ['in a query',                        '[auth]\nmeta-addr = "http://meta:8091/?u=admin&p=zq7"'],
    ['in a bind address',                 '[http]\nbind-address = "admin:zq7@:9092"'],
    ['for a path',                        '[http]\nhttps-private-key = """-----BEGIN PRIVATE KEY-----\nzq7"""'],
    ['too long',                          `[meta]\nadmin-password = "zq7${'x'.repeat(80)}"`],
    ['too short',                         '[meta]\nshared-secret = "zq7"'],
    ['with NUL',                          '[meta]\nadmin-password = "zq7\\u0000"'],
  ])('%s', (_says, toml) => {
    const text = printed(() => loadToml(toml))
    expect(text).toContain('AuthError')
    expect(text).not.toContain('zq7')
  })

  test('that stands in a file of its own', () => {
    fc.assert(
      fc.property(keys, text(90), ({ id }, value) => {
        const path = file('secret', value)
        expect(printed(() => load({ overrides: { [`${id}-file`]: path } }))).not.toContain('zq7')
      }),
      { numRuns: 50 },
    )
  })

  test('not even one that is spelt in two ways', () => {
    const env = { KAPACITOR_AUTH_META_PASSWORD: 'zq7a', kapacitor_auth_meta_password: 'zq7b' }
    expect(printed(() => load({ env }))).toMatch(/gives \[auth\] meta-password another value/)
    expect(printed(() => load({ env }))).not.toContain('zq7')
  })
})
