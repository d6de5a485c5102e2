import { connect, type Socket } from 'node:net'

/** An answer as it came over the wire; one character for each byte. */
export interface RawAnswer {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  /** By name in lower case; several of one name are joined by a line feed. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly trailers: string
  /** Whether the body ended where it said it would. */
  readonly whole: boolean
}

export interface RawClient {
  readonly socket: Socket
  send(bytes: string | Buffer): void
  /** The next answer, or what there is of it when the connection ends. `to` is the method that it answers. */
  answer(to?: string): Promise<RawAnswer>
  /** Resolves once `text` has come in, with all that has. */
  until(text: string): Promise<string>
  /** Resolves when the server has ended the connection, with what came in and was not read; and how it ended. */
  ended(): Promise<{ rest: string; error: string | undefined }>
  close(): void
}

/** A client that sends what it is told to. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  let text = ''
  let isOver = false
  let error: string | undefined
  let wake = () => {}
  socket.on('data', (data) => { text += data.toString('latin1'); wake() })
  socket.on('end', () => { isOver = true; wake() })
  socket.on('error', (cause: NodeJS.ErrnoException) => { error = cause.code; isOver = true; wake() })
  socket.on('close', () => { isOver = true; wake() })
  await new Promise<void>((resolve) => socket.once('connect', resolve))

  const change = () => new Promise<void>((resolve) => { wake = resolve })
  return {
    socket,
    send: (bytes) => { socket.write(bytes, 'latin1') },
    async answer(to = 'GET') {
      for (;;) {
        const answer = readAnswer(text, to, isOver)
        if (answer) {
          text = text.slice(answer.length)
          return answer.answer
        }
        if (isOver) throw new Error(`connection ended (${error ?? 'orderly'}) after ${JSON.stringify(text)}`)
        await change()
      }
    },
    async until(wanted) {
      while (!text.includes(wanted)) {
        if (isOver) throw new Error(`connection ended (${error ?? 'orderly'}) after ${JSON.stringify(text)}`)
        await change()
      }
      return text
    },
    async ended() {
      while (!isOver) await change()
      return { rest: text, error }
    },
    close: () => { socket.destroy() },
  }
}

/** One exchange on a connection of its own. */
export async function ask(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const client = await rawClient(port)
  client.send(bytes)
  try {
    return await client.answer(bytes.toString('latin1').split(' ', 1)[0])
  } finally {
    client.close()
  }
}

function readAnswer(text: string, to: string, isOver: boolean): { answer: RawAnswer; length: number } | undefined {
  const end = text.indexOf('\r\n\r\n') + 4
  if (end < 4) return undefined
  const head = text.slice(0, end)
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
  const headers: Record<string, string> = {}
  for (const line of head.trimEnd().split('\r\n').slice(1)) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? []
    const key = name.toLowerCase()
    headers[key] = headers[key] === undefined ? value : `${headers[key]}\n${value}`
  }
  const make = (body: string, trailers: string, whole: boolean, length: number) =>
    ({ answer: { status, head, headers, body, trailers, whole }, length })
  if (to === 'HEAD' || status === 204 || status === 304 || status < 200) return make('', '', true, end)
  if (headers['transfer-encoding'] === 'chunked') {
    let body = ''
    for (let at = end; ; ) {
      const line = text.indexOf('\r\n', at)
      const size = Number.parseInt(text.slice(at, line), 16)
      if (line < 0 || text.length < line + 2 + size + 2) return isOver ? make(body, '', false, text.length) : undefined
      if (size === 0) {
        const last = text.startsWith('\r\n', line + 2) ? line + 4 : text.indexOf('\r\n\r\n', line) + 4
        if (last < 4) return isOver ? make(body, '', false, text.length) : undefined
        return make(body, text.slice(line + 2, last - 2), true, last)
      }
      body += text.slice(line + 2, line + 2 + size)
      at = line + 2 + size + 2
    }
  }
  if (headers['content-length'] !== undefined) {
    const length = Number(headers['content-length'])
    if (text.length < end + length) return isOver ? make(text.slice(end), '', false, text.length) : undefined
    return make(text.slice(end, end + length), '', true, end + length)
  }
  return isOver ? make(text.slice(end), '', true, text.length) : undefined
}
