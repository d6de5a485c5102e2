import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls'
import type { KeyPair } from './certificates.js'
import { freePort } from './free-ports.js'

/** What is done with a connection once a request has come over it, instead of passing it on. */
export type Trouble = (client: Socket, request: string) => void

/** Stands in front of a server, passes on every byte, and makes trouble when told to. */
export interface FaultyHop {
  readonly address: string
  /** From now on; connections that are open are ended. Without: all is well again. */
  trouble(trouble?: Trouble): void
  /** Listens no more: connections are refused. */
  stop(): Promise<void>
  /** Listens again, on the same port. */
  start(): Promise<void>
  /** Shows another certificate from now on. */
  show(certificate: KeyPair): void
  /** Lets all be well again, and ends. */
  close(): Promise<void>
}

export interface FaultyHopOptions {
  /** Where the bytes go now: `host:port`. Asked for each connection. */
  target: () => string
  /** Given: TLS, which ends here. */
  certificate?: KeyPair
}

export async function startFaultyHop({ target, certificate }: FaultyHopOptions): Promise<FaultyHop> {
  const sockets = new Set<Socket>()
  let current: Trouble | undefined
  const server: Server = certificate ? createTlsServer(certificate, onConnection) : createServer(onConnection)
  server.on('connection', keep) // before a handshake, too
  await once(server.listen(await freePort(), '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo

  function keep(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  }

  function onConnection(client: Socket): void {
    client.on('error', () => {})
    const trouble = current
    if (trouble) {
      client.once('data', (data) => trouble(client, data.toString('latin1'))).resume()
      return
    }
    const colon = target().lastIndexOf(':')
    const server = connect(Number(target().slice(colon + 1)), target().slice(0, colon))
    keep(server)
    server.once('close', () => client.destroy())
    client.once('close', () => server.destroy())
    client.pipe(server).pipe(client)
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy()
  }

  const hop: FaultyHop = {
    address: `127.0.0.1:${port}`,
    trouble(next) {
      current = next
      cut()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
    start: async () => { await once(server.listen(port, '127.0.0.1'), 'listening') },
    show(certificate) {
      if (!(server instanceof TlsServer)) throw new Error('this hop speaks no TLS')
      server.setSecureContext(certificate)
      cut()
    },
    async close() {
      current = undefined
      if (server.listening) await hop.stop()
    },
  }
  return hop
}
