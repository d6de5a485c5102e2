import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { startServer } from './servers.js'

/** What a stand-in answers: a status with JSON, with a text as it is, or the connection cut. */
export type Reply =
  | { readonly status: number; readonly json?: unknown; readonly body?: string; readonly headers?: Record<string, string> }
  | 'cut'
  | 'cut in the body'

/** A device code as providers give it. */
export const DEVICE = { device_code: 'the device code', user_code: 'WDJB-MJHT', verification_uri: 'https://login.example/device', expires_in: 900, interval: 5 }

export const GRANTED: Reply = { status: 200, json: { access_token: jwt({ sub: 'marty', iss: 'https://login.example', exp: 4_000_000_000 }), token_type: 'Bearer', expires_in: 300, refresh_token: 'the refresh token' } }

/** A token that looks like one; nobody has signed it. */
export function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}.c2lnbmF0dXJl`
}

/** A provider whose answers are written down: one after the other, the last one for ever. */
export async function startScriptedProvider({ device = [{ status: 200, json: DEVICE }], token = [GRANTED] }: { device?: readonly Reply[]; token?: readonly Reply[] } = {}) {
  const asked: { path: string; fields: Record<string, string> }[] = []
  const left = { '/device': [...device], '/token': [...token] }
  const server = await startServer(async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url as keyof typeof left
    asked.push({ path, fields: Object.fromEntries(new URLSearchParams(await text(request))) })
    const replies = left[path]
    const reply = replies && replies.length > 1 ? replies.shift() : replies?.[0]
    if (reply === undefined) return void response.writeHead(404).end()
    if (reply === 'cut') return void response.destroy()
    if (reply === 'cut in the body') {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' })
      return void response.write('{"access_token":"half', () => response.destroy())
    }
    const { status, json, body = JSON.stringify(json), headers } = reply
    response.writeHead(status, { 'Content-Type': json === undefined ? 'text/html' : 'application/json', ...headers })
    response.end(body)
  })
  return {
    url: server.url,
    deviceUrl: `${server.url}/device`,
    tokenUrl: `${server.url}/token`,
    asked,
    /** Requests for that path. */
    count: (path: string) => asked.filter((one) => one.path === path).length,
    close: () => server.close(),
  }
}
