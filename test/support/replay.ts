import { createHmac, timingSafeEqual } from 'node:crypto'
import { connect } from 'node:net'

/** A recorded request, and the answer expected of us. */
export interface RecordedCase {
  group: string
  name: string
  /** The bytes of the request, base64. */
  request: string
  /** When, for requests with a token: its times are moved to the present. */
  recordedAt?: string
  /** Why our answer is another than Kapacitor's. */
  deviation?: string
  expect: { allowed?: true; refused?: true; status?: number; error?: string }
}

export interface Answer { status: number; headers: string; body: string }

/** Sends bytes over a socket of their own and reads until the server hangs up. */
export function exchange(port: number, bytes: Buffer): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(bytes))
    const done = () => {
      socket.destroy()
      resolve(answerOf(Buffer.concat(chunks).toString('utf8')))
    }
    socket.setTimeout(15_000, done)
    socket.on('data', (data) => chunks.push(data))
    socket.on('end', done)
    socket.on('error', done)
    socket.on('close', done)
  })
}

function answerOf(text: string): Answer {
  const [headers = '', ...rest] = text.split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1] ?? 0), headers, body: rest.join('\r\n\r\n') }
}

/** How the answer differs from what is expected; undefined if it does not. */
export function difference({ expect, request }: RecordedCase, { status, body }: Answer): string | undefined {
  if (expect.refused) return status === 0 || (status >= 400 && status < 500) ? undefined : `answered ${status}`
  if (expect.allowed) {
    const reached = status !== 0 && status < 500 && ![400, 401, 403, 405, 429].includes(status)
    return reached ? undefined : `should have reached the application, got ${status} ${body.slice(0, 160)}`
  }
  if (status !== expect.status) return `status ${status}, should be ${expect.status} ${body.slice(0, 160)}`
  const isHead = Buffer.from(request, 'base64').subarray(0, 5).toString() === 'HEAD '
  if (expect.error === undefined || isHead) return undefined
  const { error } = JSON.parse(body)
  return error === expect.error ? undefined : `error ${JSON.stringify(error)}, should be ${JSON.stringify(expect.error)}`
}

const HASHES: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }
const RECORDED_SECRET = 's3cret'

/** The request's bytes, its tokens moved to the present and signed with `secret`. */
export function bytesOf({ request, recordedAt }: RecordedCase, secret: string, now: number): Buffer {
  const bytes = Buffer.from(request, 'base64')
  if (!recordedAt) return bytes
  const shift = Math.round((now - Date.parse(recordedAt)) / 1000)
  const text = bytes.toString('latin1').replace(/[\w-]{8,}\.[\w-]*\.[\w=+/-]*/g, (token) => renew(token, secret, shift))
  return Buffer.from(text, 'latin1')
}

/** A token whose signature was good gets a good one again; any other stays as bad as it was. */
function renew(token: string, secret: string, shift: number): string {
  const [head = '', claims = '', signature, ...rest] = token.split('.')
  if (!signature || rest.length) return token
  const hash = HASHES[algorithmOf(head) ?? '']
  if (!hash) return token
  const sign = (key: string, text: string) => createHmac(hash, key).update(text).digest()
  const was = Buffer.from(signature, 'base64url')
  const right = sign(RECORDED_SECRET, `${head}.${claims}`)
  const good = was.length === right.length && timingSafeEqual(was, right) && !/[=+/]/.test(signature)
  const moved = Buffer.from(claims, 'base64url').toString('latin1').replace(/\b1[789]\d{8}\b/g, (n) => String(Number(n) + shift))
  const text = `${head}.${Buffer.from(moved, 'latin1').toString('base64url')}`
  return good ? `${text}.${sign(secret, text).toString('base64url')}` : `${text}.${signature}`
}

function algorithmOf(head: string): string | undefined {
  try {
    return JSON.parse(Buffer.from(head, 'base64url').toString()).alg
  } catch {
    return undefined
  }
}
