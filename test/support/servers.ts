import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on a free loopback port. */
export interface TestServer {
  readonly port: number
  readonly url: string
  readonly server: Server
  close(): Promise<void>
}

/** @param wanted for a server whose port is still used when it is closed: see `freePort`. @default any that is free */
export async function startServer(handle: RequestListener, wanted = 0): Promise<TestServer> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** The value of an Authorization header. */
export const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
