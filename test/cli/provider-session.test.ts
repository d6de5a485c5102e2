import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { has } from '../support/daemons.js'
import { createHome, pageIn, profileToml, runProgram } from '../support/login-world.js'
import { start } from '../support/program.js'
import { approve } from '../support/provider/device-login.js'
import { startGlewlwyd } from '../support/provider/glewlwyd.js'
import { startOidcProvider } from '../support/provider/oidc-provider.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

function newHome() {
  const home = createHome()
  cleanups.push(home.remove)
  return home
}

/** The program that serves, with the chart's values as the documents print them. */
async function serve(home: ReturnType<typeof createHome>, jwksEndpoint: string, id: string) {
  const values = join(home.path, 'values.yaml')
  writeFileSync(values, `admin:
  # The identity provider to be used e.g. "keycloak", "auth0", "azure", etc
  identityProvider: keycloak
  jwksEndpoint: |-
    ${jwksEndpoint}
  users:
    - id: "${id}"
      firstName: Marty
      lastName: McFly
      email: mcfly@influxdata.com
`)
  const program = start(['serve'], {
    HOME: home.path, KAPACITOR_OIDC_FILE: values,
    KAPACITOR_HTTP_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_META_HTTP_BIND_ADDRESS: '127.0.0.1:0',
    KAPACITOR_META_DIR: join(home.path, 'meta'), KAPACITOR_SAMPLE_DIR: join(home.path, 'sample'),
  })
  cleanups.push(async () => {
    program.child.kill()
    await program.end()
  })
  const [, api = ''] = await program.until(/Kapacitor API +http:\/\/(127\.0\.0\.1:\d+)/)
  const [, meta = ''] = await program.until(/meta node +http:\/\/(127\.0\.0\.1:\d+)/)
  return { api, env: { ...home.env, KAPACITOR_AUTH_META_ADDR: meta }, logs: () => program.stdout() + program.stderr() }
}

test('from the login to the tokens, at a server with the values of the chart', { timeout: 120_000 }, async () => {
  const provider = await startOidcProvider({ shape: 'keycloak' })
  cleanups.push(() => provider.close())
  const home = newHome()
  home.write(profileToml(provider))
  const { api, env, logs } = await serve(home, provider.jwksEndpoint, 'marty')
  const ka = (...args: string[]) => runProgram(args, env)

  let asked = false
  const login = await runProgram(['auth', 'login'], env, (stderr) => {
    const at = pageIn(stderr)
    if (!at || asked) return
    asked = true
    void approve(`${at.page}?user_code=${at.code}`, 'marty')
  })
  expect(login).toMatchObject({ code: 0, stdout: expect.stringMatching(/^signed in as "marty", until/) })

  expect(await ka('token', 'list')).toEqual({ code: 0, stdout: 'There are no tokens.\n', stderr: '' })
  const made = await ka('token', 'create', '--permission', 'KapacitorAPI', 'grafana')
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^kapa1_[\da-f]{64}\n$/) })
  expect((await ka('token', 'list')).stdout).toMatch(/ {2}grafana {6}oidc:marty {2}KapacitorAPI {2}\S+ {2}never {6}active\n$/)
  expect(await ka('user', 'list')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^USER .*\nadmin /) })

  const bearer = JSON.parse(readFileSync(JSON.parse((await ka('auth', 'status', '--json')).stdout).file, 'utf8')).access_token
  const asks = async (authorization: string) => (await fetch(`http://${api}/kapacitor/v1/tasks`, { headers: { authorization } })).status
  expect(await asks(`Bearer ${bearer}`)).toBe(200)
  expect(await asks(`Token ${made.stdout.trim()}`)).toBe(200)
  const [{ id }] = JSON.parse((await ka('token', 'list', '--json')).stdout)
  expect(await ka('token', 'revoke', id, '--yes')).toMatchObject({ code: 0 })
  expect(await asks(`Token ${made.stdout.trim()}`)).toBe(401)
  for (const secret of [bearer, made.stdout.trim()]) expect(logs()).not.toContain(secret)
})

test('somebody who is not listed is told what to add', { timeout: 120_000 }, async () => {
  const provider = await startOidcProvider({ shape: 'keycloak' })
  cleanups.push(() => provider.close())
  const home = newHome()
  home.write(profileToml(provider))
  const { env } = await serve(home, provider.jwksEndpoint, 'marty')
  let asked = false
  await runProgram(['auth', 'login'], env, (stderr) => {
    const at = pageIn(stderr)
    if (!at || asked) return
    asked = true
    void approve(`${at.page}?user_code=${at.code}`, 'biff')
  })
  expect(await runProgram(['token', 'list'], env)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^kapacitor-auth: subject "biff" of \S+ is not listed; .*\n$/) })
})

describe.skipIf(!has('glewlwyd'))('Glewlwyd', { timeout: 120_000 }, () => {
  test('OIDC 23: a login that is told to slow down, and a refresh, by a provider of other authors', async () => {
    const provider = await startGlewlwyd()
    cleanups.push(() => provider.close())
    const home = newHome()
    home.write(profileToml({ ...provider, more: '        scopes = ["openid"]' }))
    let asked = false
    const login = await runProgram(['auth', 'login'], home.env, (stderr) => {
      const at = pageIn(stderr)
      if (!at || asked) return
      asked = true
      void provider.approve(at.code)
    })
    expect(login).toMatchObject({ code: 0, stdout: expect.stringMatching(/^signed in as "/) })
    const status = JSON.parse((await runProgram(['auth', 'status', '--json'], home.env)).stdout)
    expect(status).toMatchObject({ signedIn: true, issuer: provider.issuer, token: 'access', renewable: true })

    const kept = JSON.parse(readFileSync(status.file, 'utf8'))
    writeFileSync(status.file, JSON.stringify({ ...kept, access_expires_at: new Date(Date.now() - 1000).toISOString() }))
    // It refreshes before it asks the meta node, of which there is none
    expect(await runProgram(['user', 'list', '--meta-addr', '127.0.0.1:1'], home.env)).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing listens there') })
    const refreshed = JSON.parse(readFileSync(status.file, 'utf8'))
    expect(Date.parse(refreshed.access_expires_at)).toBeGreaterThan(Date.now())
    expect(refreshed.access_token).not.toBe(kept.access_token)
  })
})
