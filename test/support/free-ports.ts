import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Ports of 127.0.0.1 that are free just now, all of them different, for programs that must be told one. They lie below those
 * that systems give to connections and to servers that ask for any: nobody else takes one before the program does, or while it
 * is being started again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port as number
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  await once(server.close(), 'close')
  return true
}
