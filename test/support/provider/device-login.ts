import { createBrowser, formOf } from './browser.js'
import type { OidcProvider } from './oidc-provider.js'

/**
 * What somebody does at the page of a device login (`verification_uri_complete`): signs in as `login` and agrees, or
 * refuses with `deny`.
 */
export async function approve(page: string, login: string, { deny = false } = {}): Promise<void> {
  const browser = createBrowser()
  let at = await browser.open(page)
  for (let step = 0; step < 10; step++) {
    if (at.body.startsWith(deny ? 'Refused.' : 'Signed in.')) return
    const form = formOf(at)
    if (!form) break
    const { fields } = form
    if (deny && at.body.startsWith('Confirm')) fields.abort = 'yes'
    if ('login' in fields) Object.assign(fields, { login, password: 'any' })
    at = await browser.open(form.action, fields)
  }
  throw new Error(`the login did not end well: ${at.status} ${at.body.replace(/<style[\s\S]*?<\/style>|<[^>]*>|\s+/g, ' ').slice(0, 300)}`)
}

export interface Tokens { readonly access_token: string; readonly id_token?: string; readonly refresh_token?: string }

/** The tokens of a whole device login (RFC 8628): asked, approved, fetched. */
export async function signIn(
  provider: OidcProvider,
  login: string,
  { clientId = provider.clientId, scope = 'openid profile offline_access' } = {},
): Promise<Tokens> {
  const device = await post(provider.deviceUrl, { client_id: clientId, scope })
  await approve(device.verification_uri_complete as string, login)
  const tokens = await post(provider.tokenUrl, {
    client_id: clientId,
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: device.device_code as string,
  })
  return tokens as unknown as Tokens
}

async function post(url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  const body = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${body}`)
  return JSON.parse(body)
}
