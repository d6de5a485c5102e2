import { Agent, request } from 'node:http'

/** A recorded exchange with a real InfluxDB. */
export interface InfluxdbCase {
  id: number
  group: string
  name: string
  tags?: readonly string[]
  /** Rows come in any order. */
  compare?: 'unordered'
  request: {
    method: string
    path: string
    query?: readonly (readonly [string, string])[]
    rawQuery?: string
    headers?: Readonly<Record<string, string>>
    body?: string
  }
  response: {
    status: number
    headers: Readonly<Record<string, string>>
    body?: string
    bodyRegex?: string
    bodyIgnore?: boolean
  }
}

export interface ReplayAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Sends a recorded request on a connection of its own. */
export function sendCase(url: string, { request: recorded }: InfluxdbCase): Promise<ReplayAnswer> {
  const { hostname, port } = new URL(url)
  const pairs = (recorded.query ?? []).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  const query = recorded.rawQuery ?? pairs.join('&')
  const { method, body } = recorded
  const headers = { ...recorded.headers, ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }) }
  return new Promise((resolve, reject) => {
    const path = query === '' ? recorded.path : `${recorded.path}?${query}`
    const out = request({ hostname, port, method, path, headers, agent: new Agent() }, async (answer) => {
      let text = ''
      for await (const chunk of answer.setEncoding('utf8')) text += chunk
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text })
    })
    out.on('error', reject)
    out.end(body)
  })
}

/** How the answer differs from the recorded one, a line each. */
export function differences({ response, compare }: InfluxdbCase, { status, headers, body }: ReplayAnswer): string[] {
  const found: string[] = []
  if (status !== response.status) found.push(`status ${status}, recorded ${response.status}`)
  if (response.bodyRegex !== undefined) {
    if (!new RegExp(response.bodyRegex).test(body)) found.push(`body ${body}, recorded /${response.bodyRegex}/`)
  } else if (!response.bodyIgnore && !isSameBody(response.body ?? '', body, compare === 'unordered')) {
    found.push(`body ${body.slice(0, 400)}, recorded ${response.body?.slice(0, 400)}`)
  }
  for (const [name, value] of Object.entries(response.headers)) {
    if (normalized(name, headers[name]) !== normalized(name, value)) {
      found.push(`${name}: ${headers[name]}, recorded ${value}`)
    }
  }
  return found
}

function normalized(name: string, value: string | string[] | undefined): string {
  const text = String(value ?? '')
  if (name === 'content-type') return text.split(';')[0]?.trim().toLowerCase() ?? ''
  return name === 'allow' ? text.split(/, */).sort().join() : text
}

function isSameBody(recorded: string, body: string, isUnordered: boolean): boolean {
  if (recorded === body) return true
  const [a, b] = [parse(recorded), parse(body)]
  return a !== undefined && b !== undefined && JSON.stringify(sorted(a, isUnordered)) === JSON.stringify(sorted(b, isUnordered))
}

/** One JSON text, or one on each line. */
function parse(text: string): unknown {
  try {
    return [JSON.parse(text)]
  } catch {}
  try {
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
  } catch {
    return undefined
  }
}

function sorted(value: unknown, isUnordered: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item, isUnordered))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => {
    const inner = sorted(item, isUnordered)
    const isRows = isUnordered && key === 'values' && Array.isArray(inner)
    return [key, isRows ? [...inner].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : inner]
  }))
}
