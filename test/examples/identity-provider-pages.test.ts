// The pages for Keycloak, Auth0 and Entra ID, walked: their own blocks, with a provider of that shape in the place of theirs.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createHome, pageIn, runProgram } from '../support/login-world.js'
import { start } from '../support/program.js'
import { approve, signIn } from '../support/provider/device-login.js'
import { startOidcProvider } from '../support/provider/oidc-provider.js'
import { type Claims, TENANT } from '../support/provider/shapes.js'

const ROOT = join(import.meta.dirname, '../..')
const TASKS = '/kapacitor/v1/tasks'
const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

/** A page's two TOML blocks, `kapacitor.conf` and the profile, with what the reader replaces replaced. */
function blocksOf(document: string, replaced: readonly (readonly [string, string])[]): { conf: string; profile: string } {
  const text = readFileSync(join(ROOT, document), 'utf8')
  const blocks = [...text.matchAll(/^```toml\n([\s\S]*?)^```$/gm)].map(([, block]) => replaced.reduce((all, [from, to]) => all.replaceAll(from, to), block as string))
  expect(blocks.map((block) => block.split('\n')[0])).toEqual(['[oidc]', '[[profile]]'])
  expect(blocks.join('')).not.toMatch(/_HOST|REALM|TENANT|https:\/\/login/)
  return { conf: blocks[0] as string, profile: blocks[1] as string }
}

test.each([
  // document            shape       client                 claims of a member's token                       what the reader replaces
  ['docs/keycloak.md',  'keycloak', 'kapacitor-auth',      {} as Claims,                                    [['https://KEYCLOAK_HOST', 'ORIGIN'], ['/REALM/', '/demo/']]],
  ['docs/auth0.md',     'auth0',    'the-client-id',       { 'https://kapacitor-auth/roles': ['ops'] },     [['https://AUTH0_HOST', 'ORIGIN'], ['AUTH0_CLIENT_ID', 'the-client-id']]],
  ['docs/entra-id.md',  'azure',    'CLIENT_ID',           { roles: ['Kapacitor.Operator'] },               [['https://login.microsoftonline.com', 'ORIGIN'], ['TENANT_ID', TENANT]]],
] as const)('%s, step by step', { timeout: 120_000 }, async (document, shape, client, claims, replaced) => {
  const provider = await startOidcProvider({ shape, clients: [client], audience: 'https://kapacitor-auth', claims: { mia: claims } })
  ends.push(() => provider.close())
  const { conf, profile } = blocksOf(document, replaced.map(([from, to]) => [from, to.replace('ORIGIN', provider.origin)]))
  const id = /^ *admins = "(.*)"$/m.exec(conf)?.[1] as string
  const home = createHome()
  ends.push(home.remove)
  home.write(profile)
  const file = join(home.path, 'kapacitor.conf')
  writeFileSync(file, `${conf}  members = "mia"\n`, { mode: 0o600 })

  const ours = { ...home.env, KAPACITOR_META_DIR: join(home.path, 'meta'), KAPACITOR_SAMPLE_DIR: join(home.path, 'sample'), KAPACITOR_CONFIG_PATH: file }
  expect(await runProgram(['config'], ours)).toMatchObject({ code: 0, stderr: '' })
  const server = start(['serve', '--config', file], { ...ours, KAPACITOR_HTTP_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_META_HTTP_BIND_ADDRESS: '127.0.0.1:0' })
  ends.push(async () => {
    server.child.kill()
    await server.end()
  })
  const [, api = ''] = await server.until(/Kapacitor API +(http\S+)/)
  const [, meta = ''] = await server.until(/meta node +http:\/\/(\S+)/)
  const ka = (...args: string[]) => runProgram(args, { ...home.env, KAPACITOR_AUTH_META_ADDR: meta })
  const asks = async (bearer: string) => {
    const answer = await fetch(api + TASKS, { headers: { authorization: `Bearer ${bearer}`, connection: 'close' } })
    return [answer.status, answer.ok ? '' : (await answer.json() as { error: string }).error]
  }

  let asked = false
  const login = await runProgram(['auth', 'login'], { ...home.env, KAPACITOR_AUTH_META_ADDR: meta }, (stderr) => {
    const at = pageIn(stderr)
    if (!at || asked) return
    asked = true
    void approve(`${at.page}?user_code=${at.code}`, id)
  })
  expect(login).toMatchObject({ code: 0, stdout: expect.stringContaining(`signed in as "${id}", until`) })
  expect(await ka('auth', 'status')).toMatchObject({ code: 0, stdout: expect.stringContaining(id) })
  expect(await ka('user', 'list')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^USER .*\nadmin /), stderr: '' })
  const { file: kept } = JSON.parse((await ka('auth', 'status', '--json')).stdout)
  expect(await asks(JSON.parse(readFileSync(kept, 'utf8')).access_token)).toEqual([200, ''])

  const [mia, eve] = [(await signIn(provider, 'mia')).access_token, (await signIn(provider, 'eve')).access_token]
  expect(await asks(eve)).toEqual([403, `subject "eve" of ${provider.issuer} is not listed; add it to [oidc] admins or to the users of the oidc file`])
  expect(await asks(mia)).toEqual([403, expect.stringContaining('subject oidc:mia does not have "read" privilege')])
  expect(await ka('role', 'create', 'operators')).toMatchObject({ code: 0 })
  expect(await ka('role', 'grant', 'operators', 'KapacitorAPI')).toMatchObject({ code: 0 })
  expect(await asks(mia)).toEqual([200, ''])
})
