import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** A request as it came over the wire; one character for each byte. */
export interface RecordedRequest {
  /** Request line and headers, with every line's end. */
  readonly head: string
  readonly method: string
  readonly target: string
  /** Names as spelt, and values, in order. */
  readonly headers: readonly (readonly [string, string])[]
  /** Without transfer coding. */
  readonly body: string
  /** The lines after the last chunk. */
  readonly trailers: string
  /** Which connection it came over, counted from 0. */
  readonly connection: number
}

/** The bytes of an answer, or what else becomes of the connection. */
export type Answer = (request: RecordedRequest, socket: Socket) => string | undefined

export interface RecordingUpstream {
  readonly port: number
  readonly url: string
  /** Whole requests, in order of arrival. */
  readonly requests: RecordedRequest[]
  /** Every byte of every connection, whole requests or not. */
  received(): string
  /** How many connections there were. */
  readonly connections: number
  /** Those that are open. */
  readonly sockets: ReadonlySet<Socket>
  readonly server: Server
  /** Changes what is answered from now on. */
  answer(answer: Answer): void
  close(): Promise<void>
}

export interface RecordingUpstreamOptions {
  answer?: Answer
  tls?: TlsOptions
  /** A Unix socket to listen on, instead of a port. */
  path?: string
  /** A port that is still used when it is closed: see `freePort`. @default any that is free */
  port?: number
  /** Called with a request's head as soon as it is there. Bytes that it returns are sent at once. */
  onHead?: (head: string, socket: Socket) => string | undefined
}

/** An answer without a body. */
export const NO_CONTENT = 'HTTP/1.1 204 No Content\r\n\r\n'

/**
 * An upstream that knows as little HTTP as can be: no parser stands between the bytes and what is recorded. It takes a
 * request to be what RFC 9112 says, and throws what is not into `unreadable` lines, which a test cannot overlook.
 */
export async function startRecordingUpstream(options: RecordingUpstreamOptions = {}): Promise<RecordingUpstream> {
  let answer = options.answer ?? (() => NO_CONTENT)
  const requests: RecordedRequest[] = []
  const received: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0

  function onConnection(socket: Socket): void {
    const connection = connections++
    let rest = ''
    let seen = 0
    received[connection] = ''
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      const text = data.toString('latin1')
      received[connection] += text
      rest += text
      for (;;) {
        const end = rest.indexOf('\r\n\r\n')
        if (end < 0) return
        if (seen === 0) {
          const early = options.onHead?.(rest.slice(0, end + 4), socket)
          if (early !== undefined) socket.write(early, 'latin1')
        }
        seen = 1
        const request = readRequest(rest, connection)
        if (request === undefined) return
        seen = 0
        rest = rest.slice(request.length)
        requests.push(request.recorded)
        const bytes = answer(request.recorded, socket)
        if (bytes !== undefined) socket.write(bytes, 'latin1')
      }
    })
  }

  const server = options.tls ? createTlsServer(options.tls, onConnection) : createServer(onConnection)
  await new Promise<void>((resolve) => {
    if (options.path) server.listen(options.path, resolve)
    else server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const port = options.path ? 0 : (server.address() as AddressInfo).port
  return {
    port,
    url: options.path ? `unix:${options.path}` : `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    received: () => received.join('\n--- next connection\n'),
    get connections() {
      return connections
    },
    sockets,
    server,
    answer(next) {
      answer = next
    },
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    }),
  }
}

/** The first request in `bytes` and its length; undefined if it is not all there yet. */
function readRequest(bytes: string, connection: number): { recorded: RecordedRequest; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n') + 4
  const head = bytes.slice(0, end)
  const [line = '', ...lines] = head.trimEnd().split('\r\n')
  const [method = '', target = '', version, ...more] = line.split(' ')
  if (version !== 'HTTP/1.1' || more.length > 0) throw new Error(`unreadable: ${JSON.stringify(line)}`)
  const headers = lines.map((text): [string, string] => {
    const [, name, value] = /^([!#-'*+.0-9A-Z^-z|~-]+): (.*)$/s.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error(`unreadable: ${JSON.stringify(text)}`)
    return [name, value]
  })
  const valuesOf = (wanted: string) => headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  const codings = valuesOf('transfer-encoding')
  const lengths = valuesOf('content-length')
  if (codings.length + lengths.length > 1) throw new Error(`unreadable: ${codings} ${lengths}`)
  const body = codings.length > 0 ? readChunks(bytes, end) : readLength(bytes, end, Number(lengths[0] ?? 0))
  if (body === undefined) return undefined
  const { text, trailers, length } = body
  return { recorded: { head, method, target, headers, body: text, trailers, connection }, length }
}

function readLength(bytes: string, start: number, length: number) {
  if (bytes.length < start + length) return undefined
  return { text: bytes.slice(start, start + length), trailers: '', length: start + length }
}

function readChunks(bytes: string, start: number) {
  let text = ''
  for (let at = start; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.slice(at, line), 16)
    if (Number.isNaN(size)) throw new Error(`unreadable: ${JSON.stringify(bytes.slice(at, line))}`)
    at = line + 2
    if (size === 0) {
      if (bytes.startsWith('\r\n', at)) return { text, trailers: '', length: at + 2 }
      const end = bytes.indexOf('\r\n\r\n', at)
      return end < 0 ? undefined : { text, trailers: bytes.slice(at, end + 2), length: end + 4 }
    }
    if (bytes.length < at + size + 2) return undefined
    text += bytes.slice(at, at + size)
    at += size + 2
  }
}
