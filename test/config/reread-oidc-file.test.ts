import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rereadOidcFile } from '../../src/config/oidc/reread-oidc-file.js'
import { directory, load, problems } from './support.js'

const HEAD = 'admin:\n  jwksEndpoint: https://id.example.com/keys\n'
const yaml = (ids: string, head = HEAD) => `${head}  users: [${ids}]\n`

/** A kapacitor.conf, and the file that it names. */
function world(first: string, keys = 'client-id = "kapacitor"\n') {
  const folder = directory()
  const file = join(folder, 'values.yaml')
  const conf = join(folder, 'kapacitor.conf')
  const write = (text: string) => writeFileSync(file, text)
  const configure = (more: string) => writeFileSync(conf, `[oidc]\nfile = ${JSON.stringify(file)}\n${more}`, { mode: 0o600 })
  write(first)
  configure(keys)
  return { file, write, configure, config: load({ file: conf }) }
}

test('what the file says now counts; it tells where', () => {
  const { write, file, config } = world(yaml('{ id: a, firstName: A, lastName: B, email: C }, { id: b, firstName: A, lastName: B, email: C }'))
  write(`# one line more\nadmin:\n  identityProvider: azure\n  jwksEndpoint: https://login.microsoftonline.com/T/discovery/v2.0/keys\n  users: [{ id: b, firstName: A, lastName: B, email: C, userGroups: [Admin] }, { id: c, firstName: A, lastName: B, email: C, userGroups: [Auditor] }]\n`)
  const next = rereadOidcFile(config)
  expect(next.oidc).toMatchObject({ provider: 'azure', subjectClaim: 'oid', admins: ['b'], auditors: ['c'], clientId: ['kapacitor'] })
  expect(next.origins.get('oidc.auditors')).toBe(`${file}:5`)
  expect(next.warnings).toEqual([])
  expect(Object.isFrozen(next)).toBe(true)
})

test('what is not in it any more has its default', () => {
  const { write, config } = world(`${yaml('{ id: a, firstName: A, lastName: B, email: C, userGroups: [Admin] }, { id: b, firstName: A, lastName: B, email: C, userGroups: [Member] }')}  identityProvider: azure\n`)
  expect(config.oidc).toMatchObject({ provider: 'azure', subjectClaim: 'oid', members: ['b'] })
  write(yaml('{ id: a, firstName: A, lastName: B, email: C }'))
  const next = rereadOidcFile(config)
  expect(next.oidc).toMatchObject({ provider: '', subjectClaim: 'sub', members: [] })
  expect(next.origins.get('oidc.members')).toBe('default')
})

test('kapacitor.conf is not read, whatever stands in it meanwhile', () => {
  const { write, configure, config } = world(yaml('{ id: a, firstName: A, lastName: B, email: C }'))
  configure('this is not TOML')
  write(yaml('{ id: b, firstName: A, lastName: B, email: C }'))
  const next = rereadOidcFile(config)
  expect(next.oidc.admins).toEqual(['b'])
  const { oidc: _, origins: __, warnings: ___, impliedAdmins: ____, ...others } = config
  expect(next).toMatchObject(others)
  expect([...next.origins].filter(([id]) => !id.startsWith('oidc.'))).toEqual([...config.origins].filter(([id]) => !id.startsWith('oidc.')))
})

test('nothing has changed: nothing changes', () => {
  const { config } = world(yaml('{ id: a, firstName: A, lastName: B, email: C }'))
  expect({ ...rereadOidcFile(config), warnings: [] }).toEqual({ ...config, warnings: [] })
})

test('without a file there is nothing to be read', () => {
  const config = load()
  expect(rereadOidcFile(config)).toBe(config)
})

test('what deserves attention is said again, about [oidc] only', () => {
  const { write, config } = world(yaml('{ id: a, firstName: A, lastName: B, email: C }'), '')
  expect(config.warnings).toEqual([expect.stringContaining('Tokens of any application')])
  write(yaml(''))
  expect(rereadOidcFile(config).warnings).toEqual([expect.stringContaining('Tokens of any application'), expect.stringContaining('lists no user')])
})

describe('what is refused', () => {
  test.each([
    // says                       the file now                           problem
    ['an id that is a number',    yaml('{ id: 7, firstName: A, lastName: B, email: C }'),                     'values.yaml:3: admin.users[0].id is a number without quotes; write it in quotes: "7"'],
    ['no YAML',                   'admin: {',                            'values.yaml:1: the indentation does not fit, or a bracket is not closed before this line'],
    ['an empty file',             '',                                    'values.yaml: there is neither admin, as in the values of the Helm chart, nor spec.package.spec.admin, as in an AppInstance'],
    ['plain http',                'admin: { jwksEndpoint: http://a/ }',  'values.yaml:1: [oidc] jwks-endpoint = "http://a/" (plain http could be read and changed on the network); expected an https:// URL, or an http:// URL of this machine'],
    ['no endpoint any more',      'admin: { users: [{ id: a, firstName: A, lastName: B, email: C }] }',       "kapacitor.conf:2: [oidc] file, client-id and admins cannot be used without the provider's keys: set [oidc] jwks-endpoint or issuer, or jwksEndpoint in the file"],
    ['another azure',             `${HEAD}  identityProvider: AZURE\n`,  'values.yaml:3: [oidc] provider must be written "azure", in lower case, for Microsoft Entra ID'],
  ])('%s', (_says, text, problem) => {
    const { write, config } = world(yaml('{ id: a, firstName: A, lastName: B, email: C }'))
    write(text)
    expect(problems(() => rereadOidcFile(config))).toEqual([problem])
  })

  test('a file that is gone', () => {
    const { file, config } = world(yaml('{ id: a, firstName: A, lastName: B, email: C }'))
    rmSync(file)
    expect(problems(() => rereadOidcFile(config))).toEqual([expect.stringMatching(/^kapacitor\.conf:2: \[oidc\] file = \S*: there is no such file$/)])
  })

  test('a pipe that nobody writes', () => {
    const { file, config } = world(yaml('{ id: a, firstName: A, lastName: B, email: C }'))
    rmSync(file)
    execFileSync('mkfifo', [file])
    expect(problems(() => rereadOidcFile(config))).toEqual([expect.stringMatching(/^kapacitor\.conf:2: \[oidc\] file = \S*: it is not a regular file$/)])
  })

  test('what a key gives already', () => {
    const { write, config } = world(HEAD, 'client-id = "x"\nadmins = "a"\n')
    write(yaml('{ id: b, firstName: A, lastName: B, email: C }'))
    expect(problems(() => rereadOidcFile(config))).toEqual(['kapacitor.conf:4: [oidc] admins: the users must not be given here and in the file, too (values.yaml:3)'])
  })
})
