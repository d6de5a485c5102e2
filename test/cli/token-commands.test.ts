import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expiryOf } from '../../src/cli/tokens/token-expiry.js'
import { grantsOf } from '../../src/cli/tokens/token-grants.js'
import { renderTokens } from '../../src/cli/tokens/token-view.js'
import { until } from '../support/until.js'
import { asAdmin, runCommand, startOurs } from './commands.js'

let ours: Awaited<ReturnType<typeof startOurs>>
beforeAll(async () => { ours = await startOurs() })
afterAll(() => ours.close())

const ka = (args: readonly string[], env: Record<string, string> = {}) => runCommand(['token', ...args], { ...asAdmin, KAPACITOR_AUTH_META_ADDR: ours.address, ...env })
const ID = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}'
const idOf = (stderr: string) => new RegExp(ID).exec(stderr)?.[0] as string
const today = new Date().toISOString().slice(0, 10)
const signsIn = async (token: string) => (await fetch(`http://${ours.address}/api/v0/tokens`, { headers: { authorization: `Bearer ${token}` } })).status

test('a session: created, shown once, listed, changed, revoked', async () => {
  expect(await ka(['list'])).toEqual({ code: 0, stdout: 'There are no tokens.\n', stderr: '' })
  const made = await ka(['create', '--read-database', 'telegraf', '--write-database', 'telegraf', '--read-database', 'telegraf', 'grafana'])
  expect(made).toEqual({ code: 0, stdout: expect.stringMatching(/^kapa1_[\da-f]{64}\n$/), stderr: expect.stringMatching(new RegExp(`^token ${ID} created; it is shown only now\\n$`)) })
  const id = idOf(made.stderr)
  expect(await ka(['list'])).toEqual({
    code: 0, stderr: '',
    stdout: `ID                                    DESCRIPTION  OWNER  PERMISSIONS                    CREATED     LAST USED  STATUS\n${id}  grafana      admin  read telegraf, write telegraf  ${today}  never      active\n`,
  })
  const listed = JSON.parse((await ka(['list', '--json'])).stdout)
  expect(listed).toEqual([{ id, description: 'grafana', owner: { kind: 'user', name: 'admin' }, permissions: [{ action: 'read', resource: 'telegraf' }, { action: 'write', resource: 'telegraf' }], createdAt: expect.stringContaining(today) }])
  expect(await ka(['get', id])).toEqual({
    code: 0, stderr: '',
    stdout: expect.stringMatching(new RegExp(`^token        ${id}\ndescription  grafana\nowner        admin\npermissions  read telegraf, write telegraf\ncreated      \\S+Z\nlast used    never\nexpires      never\nstatus       active\n$`)),
  })
  const changed = await ka(['update', id, '--description', 'dashboards', '--permission', 'kapacitorapi', '--expires', '30d', '--json'])
  expect(JSON.parse(changed.stdout)).toMatchObject({ description: 'dashboards', permissions: [{ action: 'KapacitorAPI', resource: '' }], expiresAt: expect.stringMatching(/\.000Z$/) })
  expect((await ka(['list'])).stdout).toMatch(/ {2}active until \d{4}-\d\d-\d\d\n$/)
  expect(JSON.parse((await ka(['update', id, '--expires', 'never', '--json'])).stdout)).not.toHaveProperty('expiresAt')
  expect(await signsIn(made.stdout.trim())).not.toBe(401)
  const used = async () => JSON.parse((await ka(['get', id, '--json'])).stdout)
  await until(async () => (await used()).lastUsedAt !== undefined)
  const { createdAt, lastUsedAt } = await used()
  expect(Date.parse(lastUsedAt)).toBeGreaterThanOrEqual(Date.parse(createdAt)) // though it is noted to the hour
  expect((await ka(['get', id])).stdout).toMatch(/\nlast used {4}\d{4}-\d\d-\d\d \d\d:\d\d UTC\n/)
  expect(await ka(['revoke', id, '--yes'])).toEqual({ code: 0, stdout: `token ${id} revoked\n`, stderr: '' })
  expect(await signsIn(made.stdout.trim())).toBe(401)
  expect((await ka(['list'])).stdout).toMatch(new RegExp(`^${id} .* revoked ${today}\\n`, 'm'))
  for (const args of [['list'], ['list', '--json'], ['get', id, '--json']]) expect((await ka(args)).stdout).not.toMatch(/kapa1_|digest/)
})

test('as JSON it is one document, with the token in it', async () => {
  const { stdout, stderr } = await ka(['create', '--json', '--permission', 'all', '--expires-at', '2099-01-31T12:00:00+0000', '--description', 'administration'])
  expect({ made: JSON.parse(stdout), stderr }).toEqual({
    made: { id: expect.any(String), description: 'administration', owner: { kind: 'user', name: 'admin' }, permissions: [{ action: 'all', resource: '' }], createdAt: expect.any(String), expiresAt: '2099-01-31T12:00:00.000Z', accessToken: expect.stringMatching(/^kapa1_/) },
    stderr: '',
  })
  expect(await signsIn(JSON.parse(stdout).accessToken)).toBe(200)
})

const OLD = 'which signs JSON Web Tokens as token create did before'
describe('mistakes', () => {
  test.each<[string, string[], number, string | RegExp]>([
    // says                            arguments                                                         code  error
    ['a script of before',             ['create', '--username', 'ann'],                                  1,    `say what the token may do: --read-database, --write-database or --permission; for a JSON Web Token use kapacitor-auth token sign --username, ${OLD}`],
    ['one with a time',                ['create', '--username', 'ann', '--expires', '1h'],               1,    /use kapacitor-auth token sign --username/],
    ['one for the meta node',          ['create', '--username', 'ann', '--for', 'meta'],                 1,    `--for is an option of kapacitor-auth token sign, ${OLD}`],
    ['one with a secret file',         ['create', '--secret-file', '/etc/secret', '--username', 'ann'],  1,    `--secret-file is an option of kapacitor-auth token sign, ${OLD}`],
    ['no permission',                  ['create', 'grafana'],                                            1,    'say what the token may do: --read-database, --write-database or --permission; JSON Web Tokens are made by kapacitor-auth token sign'],
    ['words without quotes',           ['create', '--read-database', 'telegraf', 'my', 'grafana'],       1,    'the description has several words: put it in quotes, "my grafana"'],
    ['two descriptions',               ['create', '--read-database', 'a', '--description', 'x', 'y'],    1,    'give the description once: as an argument, or with --description'],
    ['an unknown permission',          ['create', '--permission', 'ReadDate'],                           1,    'unknown permission "ReadDate", did you mean "ReadData"?'],
    ['a permission of no database',    ['create', '--permission', 'Monitor:'],                           1,    '--permission "Monitor:": the database is missing behind the colon'],
    ['Kapacitor\'s API of a database',  ['create', '--permission', 'KapacitorAPI:telegraf'],              1,    'KapacitorAPI is not limited to a database: give it without ":telegraf"'],
    ['an empty database',              ['create', '--read-database', ''],                                1,    '--read-database is empty; * stands for all databases'],
    ['not a time',                     ['create', '--read-database', 'a', '--expires', 'soon'],          1,    '--expires "soon": expected a time such as 30d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z'],
    ['a time in the past',             ['create', '--read-database', 'a', '--expires-at', '2001-01-01'], 1,    '--expires-at "2001-01-01" is in the past'],
    ['two times',                      ['create', '--read-database', 'a', '--expires', '1d', '--expires-at', '2099-01-01'], 1, '--expires and --expires-at are the same: give one'],
    ['nothing to change',              ['update', 'x'],                                                  1,    /^kapacitor-auth: nothing to change: give --description, --expires, /],
    ['a token for an id',              ['get', `kapa1_${'a'.repeat(64)}`],                               1,    'that is a token, not its id: keep it secret; token list shows the ids'],
    ['a token to revoke',              ['revoke', `kapa1_${'a'.repeat(64)}`, '--yes'],                   1,    'that is a token, not its id: keep it secret; token list shows the ids'],
    ['nobody to ask',                  ['revoke', 'x', 'y'],                                             1,    'there is no terminal to ask on; to revoke tokens x, y, add --yes'],
    ['none to get',                    ['get', 'x'],                                                     2,    'token x not found'],
    ['none to change',                 ['update', 'x', '--description', 'y'],                            2,    'token x not found'],
    ['none to revoke',                 ['revoke', 'x', '--force'],                                       2,    'token x not found'],
    ['a token on the command line',    ['list', '--token', 'hunter2'],                                   1,    /^kapacitor-auth: everybody on this machine can read a token on a command line/],
  ])('%s', async (_says, args, code, error) => {
    const before = (await ka(['list'])).stdout
    const ran = await ka(args)
    expect(ran).toEqual({ code, stdout: '', stderr: typeof error === 'string' ? `kapacitor-auth: ${error}\n` : expect.stringMatching(error) })
    expect(ran.stderr).not.toMatch(/hunter2|kapa1_a/)
    expect((await ka(['list'])).stdout).toBe(before)
  })
})

describe('when a token expires', () => {
  const NOW = Date.parse('2026-11-27T12:00:00Z')
  test.each<[string, string | undefined]>([
    // as it was typed                time
    ['30d',                           '2026-12-27T12:00:00.000Z'],
    ['2w',                            '2026-12-11T12:00:00.000Z'],
    ['1h30m',                         '2026-11-27T13:30:00.000Z'],
    ['500ms',                         '2026-11-27T12:00:01.000Z'],
    ['2027-01-31',                    '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T12:00:00Z',          '2027-01-31T12:00:00.000Z'],
    ['2027-01-31t12:00:00z',          '2027-01-31T12:00:00.000Z'],
    ['2027-01-31 12:00Z',             '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00:00+01:00',     '2027-01-31T11:00:00.000Z'],
    ['2027-01-31T12:00:00+0000',      '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00:00-0730',      '2027-01-31T19:30:00.000Z'],
    ['0s',                            undefined],
    ['-1d',                           undefined],
    ['-1h',                           undefined],
    ['2026-11-27',                    undefined],
    ['2027-02-31',                    undefined],
    ['2027-13-01',                    undefined],
    ['2027-01-31T12:00:00',           undefined],
    ['2027-01-31T25:00:00Z',          undefined],
    ['31.1.2027',                     undefined],
    ['tomorrow',                      undefined],
    ['99999d',                        undefined],
    ['3000-01-01',                    undefined],
    ['',                              undefined],
  ])('%s: %s', (text, expected) => {
    const time = () => expiryOf('--expires', text, NOW).toISOString()
    if (expected === undefined) expect(time).toThrow(/^--expires /)
    else expect(time()).toBe(expected)
  })
})

test.each([
  ['Monitor:a:b',     { action: 'Monitor', resource: 'a:b' }],
  ['readdata',        { action: 'read', resource: '*' }],
  ['WriteData:x',     { action: 'write', resource: 'x' }],
  ['ALL',             { action: 'all', resource: '' }],
  ['KapacitorAPI',    { action: 'KapacitorAPI', resource: '' }],
])('--permission %s', (text, expected) => {
  expect(grantsOf({ permission: [text] })).toEqual([expected])
})

test.each<[string, object, string]>([
  // says                              fields                                                       status
  ['nothing is wrong with it',         {},                                                          'active'],
  ['its owner is not listed',          { unusable: 'owner not listed' },                            'owner not listed'],
  ['that, and it would end later',     { unusable: 'owner not listed', expiresAt: '2099-01-01T00:00:00Z' }, 'owner not listed'],
  ['that, and it has expired',         { unusable: 'owner not listed', expiresAt: '2026-01-01T00:00:00Z' }, 'expired 2026-01-01'],
  ['that, and it is revoked',          { unusable: 'owner not listed', revokedAt: '2026-01-01T00:00:00Z' }, 'revoked 2026-01-01'],
])('the status of a token: %s', (_says, fields, status) => {
  const token = { id: 'i', description: 'd', owner: { kind: 'subject', issuer: 'i', subject: 's' }, permissions: [], createdAt: '2026-01-01T00:00:00Z', ...fields } as const
  expect(renderTokens([token], Date.parse('2026-11-28T00:00:00Z'))).toMatch(new RegExp(` ${status}\n$`))
})
