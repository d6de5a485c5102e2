import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy whose connections can be made to fail. */
export interface FallibleProxy {
  readonly address: string
  /** From now on answers are kept back, while questions still get through. */
  mute(): void
  /** Ends all connections; those to come answer again. */
  cut(): void
  close(): Promise<void>
}

/** @param target `host:port` */
export async function startFallibleProxy(target: string): Promise<FallibleProxy> {
  const [host = '', port = ''] = target.split(':')
  const sockets = new Set<Socket>()
  let muted = false
  const server = createServer((client) => {
    const upstream = connect(Number(port), host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (bytes) => { if (!muted) client.write(bytes) })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const cut = () => {
    muted = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    mute() { muted = true },
    cut,
    async close() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}
