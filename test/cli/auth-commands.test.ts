import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHome, type Ended, pageIn, profileToml, runOnTerminal, runProgram } from '../support/login-world.js'
import { approve } from '../support/provider/device-login.js'
import { type OidcProvider, startOidcProvider } from '../support/provider/oidc-provider.js'
import { type Reply, startScriptedProvider } from '../support/scripted-provider.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const hasPython = spawnSync('python3', ['-c', 'import termios']).status === 0
if (!hasPython && process.env.CI) throw new Error('python3 is missing: apt-get install python3')

let home: ReturnType<typeof createHome>
const cleanups: (() => unknown)[] = []
const later = <T extends { close(): unknown }>(thing: T): T => {
  cleanups.push(() => thing.close())
  return thing
}
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })
const newHome = () => {
  home = createHome()
  cleanups.push(home.remove)
  return home
}

/** Runs a command that signs in, and approves (or denies) in the browser as soon as the page is shown. */
function withBrowser(args: readonly string[], login: string, { deny = false, env = home.env }: { deny?: boolean; env?: Record<string, string> } = {}): Promise<Ended> {
  let done = false
  return runProgram(args, env, (stderr) => {
    const at = pageIn(stderr)
    if (!at || done) return
    done = true
    approve(`${at.page}?user_code=${at.code}`, login, { deny }).catch((error) => { throw error })
  })
}

const logins = () => readdirSync(home.logins).filter((name) => name.endsWith('.json'))
const keptFile = () => join(home.logins, logins()[0] as string)

/** A meta node that takes any token but the refused ones, and remembers what it was shown. */
async function startMetaNode(refused: (authorization: string, seen: readonly string[]) => boolean = () => false) {
  const seen: string[] = []
  const server = await startServer((request, response) => {
    const { authorization = '' } = request.headers
    const isRefused = refused(authorization, seen)
    seen.push(authorization)
    if (isRefused) return void response.writeHead(401, { 'Content-Type': 'application/json' }).end('{"error":"authorization failed"}')
    response.setHeader('Content-Type', 'application/json')
    response.end(request.url?.startsWith('/role') ? '{"roles":[]}' : '{"users":[]}')
  })
  return later({ seen, address: `127.0.0.1:${server.port}`, close: () => server.close() })
}

describe('with a real provider', { timeout: 120_000 }, () => {
  test.each<['keycloak' | 'auth0' | 'azure', string]>([
    ['keycloak', '/realms/demo'],
    ['auth0', '/'],
    ['azure', '/v2.0'],
  ])('login, status, use, logout: %s', async (shape, issuerEnd) => {
    const provider = later(await startOidcProvider({ shape }))
    newHome().write(profileToml(provider))
    const meta = await startMetaNode()

    const login = await withBrowser(['auth', 'login'], 'marty')
    expect(login).toEqual({ code: 0, stdout: expect.stringMatching(/^signed in as "[^"]+", until \S+Z and renewed by itself\n$/), stderr: expect.stringContaining('Go on only if you started this yourself.\n') })
    expect(login.stderr).toContain(`The page is at ${new URL(provider.origin).host};`)

    const status = await runProgram(['auth', 'status', '--json'], home.env)
    expect(status).toMatchObject({ code: 0, stderr: '' })
    const said = JSON.parse(status.stdout)
    expect(said).toMatchObject({ signedIn: true, profile: 'default', profileFile: home.file, token: 'access', renewable: true, file: keptFile() })
    expect(said.issuer.endsWith(issuerEnd)).toBe(true)

    const kept = JSON.parse(readFileSync(keptFile(), 'utf8'))
    for (const { stdout, stderr } of [login, status]) for (const secret of [kept.access_token, kept.refresh_token]) expect(stdout + stderr).not.toContain(secret)
    expect([statSync(home.logins).mode & 0o777, statSync(keptFile()).mode & 0o777]).toEqual([0o700, 0o600])

    const listed = await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)
    expect(listed).toEqual({ code: 0, stdout: 'There are no users.\n', stderr: '' })
    expect(new Set(meta.seen)).toEqual(new Set([`Bearer ${kept.access_token}`]))
    expect(await runProgram(['auth', 'token'], home.env)).toEqual({ code: 0, stdout: `${kept.access_token}\n`, stderr: '' })

    expect(await runProgram(['auth', 'logout'], home.env)).toEqual({ code: 0, stdout: 'signed out\n', stderr: '' })
    expect(await runProgram(['auth', 'logout'], home.env)).toEqual({ code: 0, stdout: 'nobody was signed in\n', stderr: '' })
    expect(await runProgram(['auth', 'status'], home.env)).toEqual({ code: 2, stdout: `signed in  nobody\nprofile    default (${home.file})\n`, stderr: '' })
    // Nobody named the profile: it counts no longer
    expect((await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)).code).toBe(0)
    expect(meta.seen.at(-1)).toBe('')
    for (const args of [['user', 'list', '--meta-addr', meta.address, '--profile', 'default'], ['auth', 'token']]) expect(await runProgram(args, home.env)).toEqual({
      code: 1, stdout: '', stderr: `kapacitor-auth: not signed in at ${new URL(provider.origin).host}: run kapacitor-auth auth login\n`,
    })
  })

  test('a client with a secret, and slow_down in front of the provider', async () => {
    let said = 0
    const provider = later(await startOidcProvider({
      secrets: { private: 'the client secret' },
      before: (request, response) => {
        if (!request.url?.endsWith('/token') || said++ > 0) return false
        response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":"slow_down"}')
        return true
      },
    }))
    newHome().write(profileToml({ ...provider, clientId: 'private', more: '        client_secret = "the client secret"' }))
    const { code, stderr } = await withBrowser(['auth', 'login'], 'marty')
    expect(code).toBe(0)
    expect(provider.asked.filter((path) => path.endsWith('/token')).length).toBeGreaterThan(1) // more often if the browser was slow
    expect(stderr).not.toContain('the client secret')
  })

  test('an opaque access token: the ID token is used', async () => {
    const provider = later(await startOidcProvider({ shape: 'auth0', opaque: true }))
    newHome().write(profileToml(provider))
    expect((await withBrowser(['auth', 'login'], 'auth0|marty')).code).toBe(0)
    const { id_token } = JSON.parse(readFileSync(keptFile(), 'utf8'))
    const meta = await startMetaNode()
    await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)
    expect(meta.seen[0]).toBe(`Bearer ${id_token}`)
  })

  test('OIDC 24: refused in the browser', async () => {
    const provider = later(await startOidcProvider())
    newHome().write(profileToml(provider))
    const { code, stdout, stderr } = await withBrowser(['auth', 'login'], 'marty', { deny: true })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/\nkapacitor-auth: the login was refused in the browser \(.*\)\n$/)
    expect(existsSync(home.logins)).toBe(false)
  })

  test('an unknown client', async () => {
    const provider = later(await startOidcProvider())
    newHome().write(profileToml({ ...provider, clientId: 'nobody' }))
    expect(await runProgram(['auth', 'login'], home.env)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^kapacitor-auth: \S+ does not let the client "nobody" sign in this way: .*\n$/) })
  })

  test('OIDC 27: five processes at once: one refresh, and nobody is logged out', async () => {
    const provider = later(await startOidcProvider())
    newHome().write(profileToml(provider))
    await withBrowser(['auth', 'login'], 'marty')
    const meta = await startMetaNode()
    const asked = () => provider.asked.filter((path) => path.endsWith('/token')).length
    for (let round = 0; round < 2; round++) {
      const kept = JSON.parse(readFileSync(keptFile(), 'utf8'))
      writeFileSync(keptFile(), JSON.stringify({ ...kept, access_expires_at: new Date(Date.now() - 1000).toISOString() }))
      const [before, seen] = [asked(), meta.seen.length]
      const all = await Promise.all(Array.from({ length: 5 }, () => runProgram(['user', 'list', '--meta-addr', meta.address], home.env)))
      expect(all).toEqual(Array(5).fill({ code: 0, stdout: 'There are no users.\n', stderr: '' }))
      expect(asked() - before).toBe(1)
      expect(new Set(meta.seen.slice(seen))).toEqual(new Set([`Bearer ${JSON.parse(readFileSync(keptFile(), 'utf8')).access_token}`]))
    }
  })
})

describe('OIDC 27: the server refuses a kept token', { timeout: 60_000 }, () => {
  async function signedIn(token: readonly Reply[]) {
    const provider = later(await startScriptedProvider({ device: [{ status: 200, json: { device_code: 'd', user_code: 'U', verification_uri: 'https://p.example/', interval: 1, expires_in: 60 } }], token }))
    newHome().write(profileToml(provider))
    expect((await runProgram(['auth', 'login'], home.env)).code).toBe(0)
    return provider
  }
  const granted = (name: string): Reply => ({ status: 200, json: { access_token: `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: name })).toString('base64url')}.eA`, token_type: 'bearer', expires_in: '300', refresh_token: `refresh ${name}` } })
  const tokenOf = (name: string) => `Bearer ${(granted(name) as { json: { access_token: string } }).json.access_token}`

  test('one refresh, one retry', async () => {
    const provider = await signedIn([granted('old'), granted('new')])
    const meta = await startMetaNode((authorization) => authorization === tokenOf('old'))
    expect(await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)).toMatchObject({ code: 0, stderr: '' })
    expect(meta.seen).toEqual([tokenOf('old'), tokenOf('new'), tokenOf('new')])
    expect(provider.asked.at(-1)?.fields).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh old', client_id: 'kapacitor-auth' })
  })

  test('one that goes on refusing is asked twice, and the token is dropped', async () => {
    await signedIn([granted('old'), granted('new')])
    const meta = await startMetaNode(() => true)
    const { code, stderr } = await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^kapacitor-auth: authorization failed: http:\S+ was asked with the login at 127\.0\.0\.1:\d+ of profile "default"\n$/) })
    expect(meta.seen).toEqual([tokenOf('old'), tokenOf('new')])
  })

  test('invalid_grant, and no terminal: what to run; the login does not come back', async () => {
    await signedIn([granted('old'), { status: 400, json: { error: 'invalid_grant' } }])
    const meta = await startMetaNode(() => true)
    expect(await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)).toMatchObject({ code: 1 })
    const { code, stderr } = await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^kapacitor-auth: not signed in at \S+: run kapacitor-auth auth login\n$/) })
    expect(await runProgram(['auth', 'status'], home.env)).toMatchObject({ code: 2, stdout: expect.stringMatching(/^signed in {2}nobody\n/) })
  })
})

describe('a login that nobody finishes', { timeout: 60_000 }, () => {
  const PENDING: Reply = { status: 400, json: { error: 'authorization_pending' } }
  const device = { device_code: 'd', user_code: 'U', verification_uri: 'https://p.example/', interval: 5, expires_in: 600 }

  test.each<[string, string[], string]>([
    // says                      arguments                                what to run
    ['the default profile',      [],                                      'kapacitor-auth auth login'],
    ['another profile',          ['--profile', 'other'],                  'kapacitor-auth auth login --profile other'],
    ['a file of its own',        ['--profile-file', 'FILE'],              'kapacitor-auth auth login --profile-file FILE'],
  ])('--timeout ends it with what to run, and keeps nothing: %s', async (_says, args, command) => {
    const provider = later(await startScriptedProvider({ device: [{ status: 200, json: device }], token: [PENDING] }))
    newHome().write(`${profileToml(provider)}\n${profileToml(provider, 'other')}`)
    const file = join(home.path, 'profiles.toml')
    writeFileSync(file, profileToml(provider))
    const { code, stdout, stderr } = await runProgram(['auth', 'login', '--timeout', '4s', ...args.map((arg) => arg.replace('FILE', file))], home.env)
    expect({ code, stdout, isKept: existsSync(home.logins) }).toEqual({ code: 1, stdout: '', isKept: false })
    expect(stderr).toContain('The page is at p.example; the code expires in 10m0s, and this command waits for 4s.\n')
    expect(stderr.split('\n').at(-2)).toBe(`kapacitor-auth: the login was not finished within 4s (--timeout): run ${command.replace('FILE', file)} again`)
    expect(provider.count('/token')).toBe(0)
  })

  test('a provider that does not answer is not waited for any longer', async () => {
    const silent = later(await startServer(() => {}))
    newHome().write(profileToml({ deviceUrl: `${silent.url}/device`, tokenUrl: `${silent.url}/token` }))
    expect(await runProgram(['auth', 'login', '--timeout', '300ms'], home.env)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^kapacitor-auth: device_url \S+: no answer in time \(ETIMEDOUT\)\n$/) })
  })

  test.each(['5', 'soon', '-1s', '0s', ''])('--timeout %j is refused', async (text) => {
    newHome()
    expect(await runProgram(['auth', 'login', '--timeout', text], home.env)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: option '--timeout <duration>' argument '.*' is invalid\. Expected a duration such as 30s or 1m30s\./) })
  })
})

describe('which credentials count', { timeout: 60_000 }, () => {
  const TOKEN = 'the.token.of.the.flag'
  const homes = new Map<boolean, ReturnType<typeof createHome>>()
  let provider: Awaited<ReturnType<typeof startScriptedProvider>>
  let meta: Awaited<ReturnType<typeof startMetaNode>>

  beforeAll(async () => {
    provider = await startScriptedProvider({ device: [{ status: 200, json: { device_code: 'd', user_code: 'U', verification_uri: 'https://p.example/', interval: 1 } }] })
    for (const isSignedIn of [false, true]) {
      const own = createHome()
      homes.set(isSignedIn, own)
      own.write(`${profileToml(provider)}\n${profileToml(provider, 'other')}\n[[profile]]\nname = "ready"\n[profile.auth.token]\ntoken_file = "${own.path}/token"\n[[profile]]\nname = "empty"\n`)
      writeFileSync(join(own.path, 'token'), `${TOKEN}\n`, { mode: 0o600 })
      if (isSignedIn) expect((await runProgram(['auth', 'login'], own.env)).code).toBe(0)
    }
  })
  afterAll(async () => {
    for (const own of homes.values()) own.remove()
    await provider.close()
  })

  async function prepare(isSignedIn: boolean) {
    home = homes.get(isSignedIn) as typeof home
    meta = await startMetaNode()
  }
  const SECRET = { KAPACITOR_AUTH_META_INTERNAL_SHARED_SECRET: 'a secret of the meta nodes' }
  const kept = () => `Bearer ${JSON.parse(readFileSync(keptFile(), 'utf8')).access_token}`

  test.each<[string, boolean, string[], Record<string, string>, 'login' | 'node' | 'flag' | 'user' | RegExp]>([
    // says                                           signed in  arguments                                    environment                                        credentials, or error
    ['a profile that is signed in with',              true,      [],                                          {},                                                'login'],
    ['it goes before those of the configuration',     true,      [],                                          SECRET,                                            'login'],
    ['the configuration, if nobody has signed in',    false,     [],                                          SECRET,                                            'node'],
    ['the configuration, for another profile',        true,      ['--profile', 'other'],                      SECRET,                                            /^kapacitor-auth: not signed in at \S+: run kapacitor-auth auth login --profile other\n$/],
    ['a profile that was named',                      false,     ['--profile', 'default'],                    SECRET,                                            /^kapacitor-auth: not signed in at/],
    ['a profile that the variable names',             false,     [],                                          { ...SECRET, INFLUXCTL_PROFILE: 'default' },       /^kapacitor-auth: not signed in at/],
    ['a token file of a profile',                     false,     ['--profile', 'ready'],                      SECRET,                                            'flag'],
    ['a token of the environment',                    true,      [],                                          { KAPACITOR_TOKEN: TOKEN },                        'flag'],
    ['a user of the environment',                     true,      [],                                          { KAPACITOR_USERNAME: 'ann', KAPACITOR_PASSWORD: 'x' }, 'user'],
    ['a user of the flags',                           true,      ['--username', 'ann'],                       { KAPACITOR_PASSWORD: 'x' },                       'user'],
    ['the flag before the environment',               true,      ['--profile', 'default'],                    { KAPACITOR_TOKEN: TOKEN },                        'login'],
    ['a profile and a user',                          true,      ['--profile', 'default', '--username', 'x'], {},                                                /^kapacitor-auth: --profile and --profile-file cannot be combined with --username, --password-file or --token-file\n$/],
    ['a profile without a way to sign in',            true,      ['--profile', 'empty'],                      {},                                                /has no \[profile\.auth\.oauth2\] to sign in with\n$/],
    ['a profile that is not there',                   true,      ['--profile', 'prod'],                       {},                                                /there is no profile "prod"; there is "default", "other", "ready", "empty"\n$/],
  ])('%s', async (_says, isSignedIn, args, env, expected) => {
    await prepare(isSignedIn)
    const { code, stderr } = await runProgram(['user', 'list', '--meta-addr', meta.address, ...args], { ...home.env, ...env })
    if (expected instanceof RegExp) {
      expect({ code, stderr, seen: meta.seen }).toEqual({ code: 1, stderr: expect.stringMatching(expected), seen: [] })
      return
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [seen = ''] = meta.seen
    const is = seen.startsWith('Basic ') ? 'user' : seen === `Bearer ${TOKEN}` ? 'flag' : existsSync(home.logins) && seen === kept() ? 'login' : 'node'
    expect(is).toBe(expected)
  })

  test.each<[string, (own: ReturnType<typeof createHome>) => string]>([
    // says                             the profile file
    ['a token file',                    (own) => `[[profile]]\n[profile.auth.token]\ntoken_file = "${own.path}/token"\n`],
    ['a login that nobody has made',    () => profileToml(provider)],
    ['keys that nobody knows',          () => '[[profile]]\nwhat = "else"\n'],
  ])('a default profile that nobody named, with %s: nothing is sent, and the provider not asked', async (_says, toml) => {
    const own = newHome()
    own.write(toml(own))
    writeFileSync(join(own.path, 'token'), `${TOKEN}\n`, { mode: 0o600 })
    meta = await startMetaNode()
    const before = provider.asked.length
    expect(await runProgram(['user', 'list', '--meta-addr', meta.address], own.env)).toMatchObject({ code: 0, stderr: '' })
    expect({ seen: new Set(meta.seen), asked: provider.asked.length - before }).toEqual({ seen: new Set(['']), asked: 0 })
  })

  test('a login that others can read is not used, and said', async () => {
    await prepare(true)
    chmodSync(keptFile(), 0o640)
    expect(await runProgram(['user', 'list', '--meta-addr', meta.address], home.env)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/can be used by others: run chmod 600 on it, or remove it\n$/) })
    expect(meta.seen).toEqual([])
  })
})

describe.skipIf(!hasPython)('on a terminal', { timeout: 120_000 }, () => {
  let provider: OidcProvider
  beforeAll(async () => { provider = await startOidcProvider() })
  afterAll(() => provider.close())

  test('a command signs in first, opens the browser at the page with the code, and goes on', async () => {
    newHome().write(profileToml(provider))
    const meta = await startMetaNode()
    // The browser: approves by itself, at the page that it was given
    const opened = join(home.path, 'opened')
    const browser = join(home.path, 'browser')
    writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > ${opened}\n`, { mode: 0o755 })
    let isDone = false
    const approving = (async () => {
      await until(() => isDone || (existsSync(opened) && readFileSync(opened, 'utf8') !== ''))
      if (!isDone) await approve(readFileSync(opened, 'utf8'), 'marty')
    })()
    const { shown, status, restored } = await runOnTerminal(['user', 'list', '--meta-addr', meta.address], { ...home.env, BROWSER: browser })
    isDone = true
    await approving
    expect({ status, restored }).toEqual({ status: 0, restored: true })
    expect(shown).toMatch(/^To sign in, open this page and enter the code:\r\n[\s\S]*Go on only if you started this yourself\.\r\nThere are no users\.\r\n$/)
    expect(new URL(readFileSync(opened, 'utf8')).searchParams.get('user_code')).toBe(pageIn(shown)?.code)
  })

  test('the token file of a default profile that nobody named is not sent', async () => {
    newHome().write(`[[profile]]\n[profile.auth.token]\ntoken_file = "${home.path}/token"\n`)
    writeFileSync(join(home.path, 'token'), 'the.token.of.another\n', { mode: 0o600 })
    const meta = await startMetaNode()
    expect(await runOnTerminal(['user', 'list', '--meta-addr', meta.address], home.env)).toMatchObject({ status: 0 })
    expect(new Set(meta.seen)).toEqual(new Set(['']))
  })

  test('Ctrl-C ends the login, and nothing is kept', async () => {
    newHome().write(profileToml(provider))
    const { shown, status, restored } = await runOnTerminal(['user', 'list'], { ...home.env, BROWSER: 'none' }, [['started this yourself.', '\x03']])
    expect({ status, restored }).toEqual({ status: 130, restored: true })
    expect(shown).toMatch(/kapacitor-auth: interrupted: nobody has signed in\r\n$/)
    expect(existsSync(home.logins) ? logins() : []).toEqual([])
  })
})
