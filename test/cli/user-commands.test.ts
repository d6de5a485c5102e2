import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { basic, startServer } from '../support/servers.js'
import { asAdmin, runCommand, startOurs } from './commands.js'

let ours: Awaited<ReturnType<typeof startOurs>>
beforeAll(async () => { ours = await startOurs() })
afterAll(() => ours.close())

const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

const line = (text: string) => text.split(' ').map((word) => word.replaceAll('+', ' '))
const ka = (args: string | readonly string[], env: Record<string, string> = {}, stdin = '') =>
  runCommand(typeof args === 'string' ? line(args) : args, { ...asAdmin, KAPACITOR_AUTH_META_ADDR: ours.address, ...env }, stdin)
const done = (stdout: string) => ({ code: 0, stdout, stderr: '' })
const wrong = (stderr: string | RegExp, code = 1) => ({ code, stdout: '', stderr: typeof stderr === 'string' ? `kapacitor-auth: ${stderr}\n` : expect.stringMatching(stderr) })
const asks = async (name: string, password: string) =>
  (await fetch(`http://${ours.address}/user`, { headers: { authorization: basic(name, password) } })).status
const file = (name: string, text: string, mode = 0o600) => {
  const path = join(ours.directory, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

test('a session with our meta node', async () => {
  expect(await ka('user list')).toEqual(done('USER   ADMIN  ROLES  PERMISSIONS\nadmin  yes           all\n'))
  expect(await ka('role list')).toEqual(done('There are no roles.\n'))
  expect(await ka('user create ann --new-password-stdin', {}, 'ann’s pass phrase\n')).toEqual(done('user ann created\n'))
  expect(await asks('ann', 'ann’s pass phrase')).toBe(403)
  expect(await ka('user grant ann readdata,WriteData MONITOR --database telegraf --database a+b')).toEqual(done('user ann: granted ReadData, WriteData, Monitor on telegraf, "a b"\n'))
  expect(await ka('user revoke ann Monitor --database telegraf')).toEqual(done('user ann: revoked Monitor on telegraf\n'))
  expect(await ka('role create ops')).toEqual(done('role ops created\n'))
  expect(await ka('role grant ops KapacitorAPI,Monitor')).toEqual(done('role ops: granted KapacitorAPI, Monitor\n'))
  expect(await ka('role add-user ops ann admin')).toEqual(done('role ops: added ann, admin\n'))
  expect(await ka('user grant ann KapacitorAPI')).toEqual(done('user ann: granted KapacitorAPI\n'))
  expect(await ka('user list')).toEqual(done(`USER   ADMIN  ROLES  PERMISSIONS
admin  yes    ops    all
ann           ops    KapacitorAPI; ReadData, WriteData, Monitor on "a b"; ReadData, WriteData on telegraf
`))
  expect(await ka('user show ann')).toEqual(done(`user   ann
admin  no
roles  ops

DATABASE  PERMISSIONS                   GRANTED
(all)     KapacitorAPI                  to the user, through role ops
(all)     Monitor                       through role ops
"a b"     ReadData, WriteData, Monitor  to the user
telegraf  ReadData, WriteData           to the user
`.replace(/(\(all\) {5}KapacitorAPI.*\n)(.*\n)/, '$2$1')))
  expect(await ka('role show ops')).toEqual(done(`role     ops
members  admin, ann

DATABASE  PERMISSIONS
(all)     Monitor, KapacitorAPI
`))
  expect(JSON.parse((await ka('user show ann --json')).stdout)).toEqual({
    name: 'ann',
    admin: false,
    permissions: { '': ['KapacitorAPI'], 'a b': ['ReadData', 'WriteData', 'Monitor'], telegraf: ['ReadData', 'WriteData'] },
    roles: [{ name: 'ops', permissions: { '': ['Monitor', 'KapacitorAPI'] } }],
  })
  expect(JSON.parse((await ka('role list --json')).stdout)).toEqual([{ name: 'ops', permissions: { '': ['Monitor', 'KapacitorAPI'] }, users: ['admin', 'ann'] }])
  expect(await ka('role rename ops dev')).toEqual(done('role ops is now dev\n'))
  expect(await ka('role remove-user dev ann')).toEqual(done('role dev: removed ann\n'))
  expect(await ka('role revoke dev --all')).toEqual(done('role dev: revoked all permissions\n'))
  expect(await ka('role show dev')).toEqual(done('role     dev\nmembers  admin\n\nNo permissions.\n'))
  expect(await ka('role delete dev --yes')).toEqual(done('role dev deleted\n'))
  expect(await ka('user grant ann --all')).toEqual(done('user ann: granted all permissions\n'))
  expect(await asks('ann', 'ann’s pass phrase')).toBe(200)
  expect(await ka('user delete ann --yes')).toEqual(done('user ann deleted\n'))
  expect(await asks('ann', 'ann’s pass phrase')).toBe(401)
})

test('no hash is ever printed', async () => {
  for (const args of ['user list', 'user list --json', 'user show admin', 'user show admin --json']) {
    const { code, stdout } = await ka(args)
    expect(code).toBe(0)
    expect(stdout).not.toMatch(/\$2|hash/)
  }
})

describe('a new password', () => {
  test.each<[string, string[], Record<string, string>, string, string]>([
    // says               flags                                       environment                          stdin          password
    ['of a file',         ['--new-password-file', 'FILE'],            {},                                  '',            'of a file'],
    ['of standard input', ['--new-password-stdin'],                   {},                                  'of stdin\r\n', 'of stdin'],
    ['of a variable',     [],                                         { KAPACITOR_NEW_PASSWORD: 'of env' }, '',           'of env'],
    ['a flag goes first', ['--new-password-stdin'],                   { KAPACITOR_NEW_PASSWORD: 'of env' }, 'of stdin',   'of stdin'],
  ])('%s', async (_says, flags, env, stdin, password) => {
    const path = file('new', 'of a file\n')
    expect(await ka(['user', 'create', 'bob', ...flags.map((flag) => flag.replace('FILE', path))], env, stdin)).toEqual(done('user bob created\n'))
    expect(await asks('bob', password)).toBe(403)
    expect(await ka(['user', 'passwd', 'bob', '--new-password-stdin'], {}, 'another')).toEqual(done('password of user bob changed\n'))
    expect([await asks('bob', password), await asks('bob', 'another')]).toEqual([401, 403])
    await ka('user delete bob --yes')
  })

  test('one that is made up is all of standard output', async () => {
    const made = await ka('user create bob --generate')
    expect(made).toEqual({ code: 0, stdout: expect.stringMatching(/^[\da-f]{32}\n$/), stderr: 'user bob created; the password is shown only now\n' })
    expect(await asks('bob', made.stdout.trim())).toBe(403)
    const own = { KAPACITOR_USERNAME: 'bob', KAPACITOR_PASSWORD: made.stdout.trim() }
    expect(await ka('user passwd --new-password-stdin', own, 'their own')).toEqual(done('password of user bob changed\n'))
    expect(await asks('bob', 'their own')).toBe(403)
    await ka('user delete bob --yes')
  })

  test.each<[string, string, Record<string, string>, string, string]>([
    // says                arguments                                                       environment  stdin     error
    ['none, no terminal',  'user create bob',                                              {},          'x\n',    'no new password for user "bob": there is no terminal to ask on; use --new-password-file, --new-password-stdin, --generate or KAPACITOR_NEW_PASSWORD'],
    ['empty',              'user create bob --new-password-stdin',                         {},          '\n',     '--new-password-stdin: it is empty'],
    ['a NUL',              'user create bob --new-password-stdin',                         {},          'a\0b',   '--new-password-stdin: it contains a NUL byte'],
    ['two flags',          'user create bob --new-password-stdin --generate',              {},          'a',      'use only one of --new-password-file, --new-password-stdin, --generate'],
    ['no such file',       'user create bob --new-password-file /nonexistent/x',           {},          '',       '--new-password-file /nonexistent/x: there is no such file'],
    ['a novel',            'user create bob --new-password-stdin',                         {},          'x'.repeat(70_000), '--new-password-stdin: longer than 65536 bytes'],
    ['an own token',        'user create bob --new-password-stdin',                        {},          `kapa1_${'0a'.repeat(32)}`, 'the password has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'],
    ['too long for bcrypt', 'user create bob --new-password-stdin',                        {},          'x'.repeat(73), 'the password is 73 bytes long, 72 are allowed'],
    ['on the command line', 'user create bob --new-password hunter2',                      {},          '',       'everybody on this machine can read a password on a command line; use --new-password-file, --new-password-stdin, --generate instead'],
    ['and with a sign',    'user create bob --new-password=hunter2',                       {},          '',       'everybody on this machine can read a password on a command line; use --new-password-file, --new-password-stdin, --generate instead'],
  ])('%s is refused', async (_says, args, env, stdin, error) => {
    expect(await ka(args, env, stdin)).toEqual(wrong(error))
  })

  test('a file that everybody may read is named', async () => {
    const path = file('open', 'x', 0o644)
    expect(await ka(['user', 'create', 'bob', '--new-password-file', path])).toEqual({ code: 0, stdout: 'user bob created\n', stderr: `kapacitor-auth: --new-password-file ${path}: every user of this machine may read it\n` })
    await ka('user delete bob --yes')
  })
})

describe('what is not there is 2, all other trouble 1', () => {
  test.each<[string, number, string | RegExp]>([
    // arguments                                        code  error
    ['user show nobody',                                2,    'user nobody not found'],
    ['role show nothing',                               2,    'role nothing not found'],
    ['user delete nobody --yes',                        2,    'user nobody not found'],
    ['user grant nobody ReadData',                      2,    'user nobody not found'],
    ['role delete nothing --yes',                       2,    'role nothing not found'],
    ['role rename nothing x',                           2,    'role nothing not found'],
    ['user delete admin --yes',                         1,    'cannot delete user "admin": that would remove the last administrator'],
    ['user delete admin',                               1,    'there is no terminal to ask on; to delete user admin, add --yes'],
    ['role delete ops',                                 1,    'there is no terminal to ask on; to delete role ops, add --yes'],
    ['user grant admin ReedData',                       1,    'unknown permission "ReedData", did you mean "ReadData"?'],
    ['user grant admin Xyzzy',                          1,    /^kapacitor-auth: unknown permission "Xyzzy"; there are NoPermissions, ViewAdmin, .*KapacitorConfigAPI\n$/],
    ['user grant admin',                                1,    'name the permissions, such as ReadData,WriteData, or use --all'],
    ['user grant admin --all ReadData',                 1,    '--all grants every permission: do not name others'],
    ['user grant admin --all --database x',             1,    '--all makes an administrator of every database: with --database, name the permissions'],
    ['user grant admin readdata,kapacitorapi --database x', 1, 'KapacitorAPI: not limited to a database; grant it without --database'],
    ['user grant admin ReadData,,Monitor',              1,    'a permission\'s name is missing in "ReadData,,Monitor"'],
    ['user show ',                                      1,    "the user's name is empty"],
    ['user show',                                       1,    /^error: missing required argument 'name'\n/],
    ['user create a b',                                 1,    /^error: too many arguments for 'create'. Expected 1 argument but got 2.\n/],
    ['user list --json5',                               1,    /^error: unknown option '--json5'\n/],
    ['user list --password hunter2',                    1,    'everybody on this machine can read a password on a command line; use --password-file or $KAPACITOR_PASSWORD instead'],
    ['user list --password=hunter2',                    1,    'everybody on this machine can read a password on a command line; use --password-file or $KAPACITOR_PASSWORD instead'],
    ['user list --password',                            1,    'everybody on this machine can read a password on a command line; use --password-file or $KAPACITOR_PASSWORD instead'],
    ['user list --token a.b.c',                         1,    'everybody on this machine can read a token on a command line; use --token-file or $KAPACITOR_TOKEN instead'],
    ['user list --timeout 5',                           1,    /^error: option '--timeout <duration>' argument '5' is invalid. Expected a duration such as 30s or 1m30s.\n/],
    ['user list --meta-addr x',                         1,    /^kapacitor-auth: --meta-addr: \[auth\] meta-addr = "x" \(the port is missing\)/],
    ['user list --meta-ca /x',                          1,    '--meta-ca, --meta-cert, --meta-key and the like need --meta-use-tls'],
  ])('%s', async (args, code, error) => {
    expect(await ka(args)).toEqual(wrong(error, code))
  })

  test('a generated password for a user who does not exist', async () => {
    const { code, stdout, stderr } = await ka('user passwd nobody --generate')
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'kapacitor-auth: user nobody not found\n' })
    expect(stdout).toMatch(/^[0-9a-f]{32}\n$/)
  })

  test('a member that is not a user', async () => {
    await ka('role create r')
    expect(await ka('role add-user r admin nobody')).toEqual(wrong('user not found: nobody', 2))
    expect(await ka('role create r')).toEqual(wrong('role already exists'))
    await ka('role delete r --yes')
  })
})

describe('who signs in', () => {
  const none = { KAPACITOR_USERNAME: '', KAPACITOR_PASSWORD: '' }
  test.each<[string, string[], Record<string, string>]>([
    ['a flag and a file',        ['--username', 'admin', '--password-file', 'FILE'],        {}],
    ['a flag and a variable',    ['--username', 'admin'],                                   { KAPACITOR_PASSWORD: 'the admin password' }],
    ['variables',                [],                                                        asAdmin],
    ['the configuration',        [],                                                        { KAPACITOR_AUTH_META_USERNAME: 'admin', KAPACITOR_AUTH_META_PASSWORD: 'the admin password' }],
    ['its password, by name',    ['--username', 'admin'],                                   { KAPACITOR_AUTH_META_USERNAME: 'admin', KAPACITOR_AUTH_META_PASSWORD: 'the admin password' }],
    ['a file beats variables',   ['--username', 'admin', '--password-file', 'FILE'],        { KAPACITOR_PASSWORD: 'wrong', KAPACITOR_TOKEN: 'wrong' }],
  ])('%s', async (_says, flags, env) => {
    const path = file('admin', 'the admin password\n')
    expect(await ka(['user', 'show', 'admin', ...flags.map((flag) => flag.replace('FILE', path))], { ...none, ...env })).toMatchObject({ code: 0, stderr: '' })
  })

  test.each<[string, string, Record<string, string>, RegExp]>([
    // says                        arguments                                     environment                                                                              error
    ['a wrong password',           'user list',                                  { KAPACITOR_PASSWORD: 'hunter2' },                                                       /^kapacitor-auth: authorization failed: http:\S+ was asked as user "admin" of KAPACITOR_USERNAME\n$/],
    ['nobody',                     'user list',                                  none,                                                                                    /^kapacitor-auth: .*: http:\S+ was asked without credentials; use --username or --token-file, or sign in with kapacitor-auth auth login\n$/],
    ['no password, no terminal',   'user list --username eve',                   none,                                                                                    /^kapacitor-auth: no password for user "eve": there is no terminal to ask on; use --password-file or KAPACITOR_PASSWORD\n$/],
    ["another user's password",    'user list --username eve',                   { ...none, KAPACITOR_AUTH_META_USERNAME: 'admin', KAPACITOR_AUTH_META_PASSWORD: 'hunter2' }, /no password for user "eve"/],
    ['a password without a name',  'user list --password-file /x',               none,                                                                                    /^kapacitor-auth: --password-file needs --username\n$/],
    ['a token and a name',         'user list --username admin --token-file /x', {},                                                                                      /^kapacitor-auth: --token-file cannot be combined/],
    ['no token',                   'user list',                                  { ...none, KAPACITOR_TOKEN: 'hunter2 hunter2' },                                         /^kapacitor-auth: KAPACITOR_TOKEN: not a bearer token\n$/],
    ['a token that is wrong',      'user list',                                  { ...none, KAPACITOR_TOKEN: 'hunter2.a.b' },                                             /^kapacitor-auth: .*was asked by the token of KAPACITOR_TOKEN\n$/],
    ['a name with a colon',        'user list --username a:b',                   {},                                                                                      /^kapacitor-auth: --username: a name with a colon cannot sign in by password\n$/],
  ])('%s is refused, and nothing of it is shown', async (_says, args, env, error) => {
    const { code, stdout, stderr } = await ka(args, env)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(error)
    expect(stderr).not.toContain('hunter2')
  })

  test('whose password is changed must be said', async () => {
    expect(await ka('user passwd --generate', none)).toEqual(wrong('name the user, or use --username'))
  })
})

describe('our meta node with secrets', () => {
  const SECRET = 'an internal secret of the test'
  test('a token made here signs in there; so does a node, by the embedded one’s own configuration', async () => {
    const node = await startOurs({ 'meta.shared-secret': 'a shared secret of the test', 'meta.internal-shared-secret': SECRET })
    cleanups.push(() => node.close())
    const secret = join(node.directory, 'secret')
    writeFileSync(secret, 'a shared secret of the test\n', { mode: 0o600 })
    const { stdout: token } = await runCommand(['token', 'sign', '--username', 'admin', '--for', 'meta', '--secret-file', secret])
    const list = (env: Record<string, string>) => runCommand(['user', 'list'], env)
    expect(await list({ KAPACITOR_TOKEN: token.trim(), KAPACITOR_AUTH_META_ADDR: node.address })).toMatchObject({ code: 0, stderr: '' })
    expect(await list({ KAPACITOR_META_HTTP_BIND_ADDRESS: `:${node.port}`, KAPACITOR_META_INTERNAL_SHARED_SECRET: SECRET })).toMatchObject({ code: 0, stderr: '' })
    expect(await list({ KAPACITOR_AUTH_META_ADDR: node.address, KAPACITOR_AUTH_META_INTERNAL_SHARED_SECRET: SECRET })).toMatchObject({ code: 0, stderr: '' })
    // Another node's secret is none of the embedded one's business
    expect(await list({ KAPACITOR_AUTH_META_ADDR: node.address, KAPACITOR_META_INTERNAL_SHARED_SECRET: SECRET })).toMatchObject({ code: 1, stderr: expect.stringMatching(/without credentials/) })
    const { stdout: nodeToken } = await runCommand(['token', 'sign', '--for', 'node'], { KAPACITOR_META_INTERNAL_SHARED_SECRET: SECRET })
    expect(await list({ KAPACITOR_TOKEN: nodeToken.trim(), KAPACITOR_AUTH_META_ADDR: node.address })).toMatchObject({ code: 0, stderr: '' })
  })
})

test('a permission that nobody here knows is told on standard error', async () => {
  const node = await startServer((req, res) => void res.end(req.url === '/user' ? '{"users":[{"name":"ann","permissions":{"":["9","Fly\\u001b[2J"]}}]}' : '{}'))
  cleanups.push(() => node.close())
  expect(await ka('user list', { KAPACITOR_AUTH_META_ADDR: `127.0.0.1:${node.port}` })).toEqual({
    code: 0,
    stdout: 'USER  ADMIN  ROLES  PERMISSIONS\nann                 WriteData\n',
    stderr: 'kapacitor-auth: the meta node grants an unknown permission: Fly\\u001b[2J\n',
  })
})

test('a reader that has enough is not an error', async () => {
  const users = Array.from({ length: 20_000 }, (_, i) => ({ name: `user-${i}`, permissions: { '': ['KapacitorAPI'] } }))
  const node = await startServer((req, res) => void res.end(req.url === '/user' ? JSON.stringify({ users }) : '{}'))
  cleanups.push(() => node.close())
  const { start } = await import('../support/program.js')
  const program = start(['user', 'list'], { ...asAdmin, KAPACITOR_AUTH_META_ADDR: `127.0.0.1:${node.port}` })
  program.child.stdout.once('data', () => program.child.stdout.destroy())
  expect([await program.end(), program.stderr()]).toEqual([0, ''])
})
