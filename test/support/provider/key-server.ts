import type { RequestListener } from 'node:http'
import { startServer } from '../servers.js'

/** A server that publishes keys, or misbehaves as it is told. */
export interface KeyServer {
  readonly origin: string
  /** Paths that were asked, in order. */
  readonly asked: readonly string[]
  /** JSON by path; a function answers itself. What is not there is 404. */
  readonly pages: Map<string, object | RequestListener>
  close(): Promise<void>
}

export async function startKeyServer(): Promise<KeyServer> {
  const asked: string[] = []
  const pages: KeyServer['pages'] = new Map()
  const { url, close } = await startServer((request, response) => {
    asked.push(request.url as string)
    const page = pages.get(request.url as string)
    if (typeof page === 'function') return void (page as RequestListener)(request, response)
    if (page === undefined) return void response.writeHead(404).end('not here')
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(page))
  })
  return { origin: url, asked, pages, close }
}
