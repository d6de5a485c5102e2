import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { freePort } from '../free-ports.js'
import { until } from '../until.js'
import { createCookies } from './cookies.js'
import type { Tokens } from './device-login.js'

const SCHEMA = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3'
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const PASSWORD = 'correct horse'

export interface GlewlwydOptions {
  /** @default RS256 */
  algorithm?: 'RS256' | 'ES256' | 'PS256' | 'EdDSA'
  /** @default kapacitor-auth */
  clientId?: string
  /** Its user. @default ann */
  user?: string
  /** Seconds between two questions of a device. @default 5 */
  interval?: number
}

/** A real provider by other authors: Debian's Glewlwyd, over SQLite, on a free loopback port. */
export interface Glewlwyd {
  readonly issuer: string
  readonly jwksEndpoint: string
  readonly discoveryUrl: string
  readonly deviceUrl: string
  readonly tokenUrl: string
  readonly clientId: string
  /** Tokens of the user, by a whole device login. Their `sub` is made up by Glewlwyd. */
  signIn(): Promise<Tokens>
  /** What the user does in the browser with the code of a device login. */
  approve(userCode: string): Promise<void>
  /** Another signing key instead of the present one. */
  rotate(): Promise<void>
  close(): Promise<void>
}

export async function startGlewlwyd(options: GlewlwydOptions = {}): Promise<Glewlwyd> {
  const { algorithm = 'RS256', clientId = 'kapacitor-auth', user = 'ann', interval = 5 } = options
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-glewlwyd-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const api = `${origin}/api`
  const root = `${api}/oidc`
  const child = start(directory, port)
  const close = async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
    rmSync(directory, { recursive: true })
  }
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`glewlwyd ended: ${readFileSync(join(directory, 'log'), 'utf8')}`)
      return (await fetch(`${api}/info`).catch(() => undefined)) !== undefined
    })
    const admin = await signedIn(api, 'admin', 'password')
    const plugin = async () => ({
      module: 'oidc', name: 'oidc', display_name: 'OpenID Connect',
      parameters: {
        ...PARAMETERS, iss: root, 'device-authorization-interval': interval,
        'jwks-private': JSON.stringify({ keys: [await newKey(algorithm)] }),
      },
    })
    await admin('POST', '/mod/plugin/', await plugin())
    await admin('POST', '/client/', {
      client_id: clientId, name: clientId, confidential: false, enabled: true, scope: [],
      authorization_type: ['device_authorization', 'refresh_token'], token_endpoint_auth_method: ['none'],
    })
    await admin('POST', '/user/', { username: user, name: user, password: PASSWORD, scope: ['openid'], enabled: true })
    const own = await signedIn(api, user, PASSWORD)
    await own('PUT', `/auth/grant/${clientId}`, { scope: 'openid' })
    const approve = async (userCode: string) => {
      await own('GET', `/oidc/device?code=${encodeURIComponent(userCode)}&g_continue`)
    }
    return {
      issuer: root,
      jwksEndpoint: `${root}/jwks`,
      discoveryUrl: `${root}/.well-known/openid-configuration`,
      deviceUrl: `${root}/device_authorization`,
      tokenUrl: `${root}/token`,
      clientId,
      async signIn() {
        const device = await post(`${root}/device_authorization`, { grant_type: 'device_authorization', client_id: clientId, scope: 'openid' })
        await approve(device.user_code as string)
        const tokens = await post(`${root}/token`, { grant_type: DEVICE_CODE, client_id: clientId, device_code: device.device_code as string })
        return tokens as unknown as Tokens
      },
      approve,
      async rotate() {
        await admin('PUT', '/mod/plugin/oidc', await plugin())
        await admin('PUT', '/mod/plugin/oidc/reset')
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const PARAMETERS = {
  'jwks-show': true, 'jwks-uri': '', 'jwks-public': '', 'default-kid': '',
  'access-token-duration': 300, 'refresh-token-duration': 86_400, 'code-duration': 600, 'refresh-token-rolling': false,
  'allow-non-oidc': false, 'auth-type-code-enabled': false, 'auth-type-token-enabled': false, 'auth-type-id-token-enabled': true,
  'auth-type-none-enabled': false, 'auth-type-password-enabled': false, 'auth-type-client-enabled': false,
  'auth-type-device-enabled': true, 'auth-type-refresh-enabled': true, 'device-authorization-expiration': 600,
  'subject-type': 'public', 'allowed-scope': ['openid'], 'service-documentation': '', 'op-policy-uri': '', 'op-tos-uri': '',
  scope: [], 'additional-parameters': [], claims: [],
}

function start(directory: string, port: number): ChildProcess {
  const database = join(directory, 'db')
  execFileSync('sqlite3', [database], { input: readFileSync(SCHEMA) })
  writeFileSync(join(directory, 'conf'), `
port=${port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:${port}"
login_url="login.html"
api_prefix="api"
cookie_same_site="empty"
log_mode="file"
log_level="WARNING"
log_file="${join(directory, 'log')}"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = { type = "sqlite3"; path = "${database}"; };
`)
  return spawn('glewlwyd', ['-c', join(directory, 'conf')], { stdio: 'ignore' })
}

/** Calls of the management API with the session of somebody. */
async function signedIn(api: string, username: string, password: string) {
  const cookies = createCookies()
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(api + path, {
      method,
      redirect: 'manual',
      headers: { 'Content-Type': 'application/json', Cookie: cookies.header() },
      ...(body && { body: JSON.stringify(body) }),
    })
    cookies.take(answer)
    const text = await answer.text()
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  }
  await call('POST', '/auth/', { username, password })
  return call
}

async function post(url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
  return JSON.parse(text)
}

async function newKey(algorithm: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid: crypto.randomUUID() }
}
