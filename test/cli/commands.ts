import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { vi } from 'vitest'
import { run } from '../../src/cli/program.js'
import { loadConfig } from '../../src/config/load-config.js'
import { startMetaNode } from '../../src/serve/meta-node/embedded-meta-node.js'
import { temporaryDirectory } from '../support/program.js'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

/** Our meta node, listening, with the administrator `admin` in it. */
export async function startOurs(overrides: Record<string, string> = {}) {
  const directory = temporaryDirectory()
  const config = loadConfig({
    file: false,
    env: {},
    overrides: {
      'meta.http-bind-address': '127.0.0.1:0',
      'meta.dir': join(directory.path, 'meta'),
      'meta.admin-password': 'the admin password',
      'meta.bcrypt-cost': '4',
      ...overrides,
    },
  })
  const running = await startMetaNode(config, quiet)
  await running.makeFirstAdmin(async () => {})
  const { host, port } = new URL(running.listening.url)
  return {
    address: host,
    port,
    directory: directory.path,
    async close() {
      await running.close()
      directory.remove()
    },
  }
}

/** The environment of an administrator. */
export const asAdmin = { KAPACITOR_USERNAME: 'admin', KAPACITOR_PASSWORD: 'the admin password' }

/** What a command has printed, and its exit code. */
export interface Ran { code: number; stdout: string; stderr: string }

class Exit extends Error {}

/**
 * Runs a command in this process, as the program would: with nothing of the environment but what is given, and
 * without a terminal. One at a time.
 *
 * @param input what is piped into it
 */
export async function runCommand(args: readonly string[], env: Record<string, string> = {}, input = ''): Promise<Ran> {
  const ran: Ran = { code: 0, stdout: '', stderr: '' }
  const before = process.env
  const written = (to: 'stdout' | 'stderr') =>
    ((text: string, done?: unknown) => {
      ran[to] += text
      if (typeof done === 'function') done()
      return true
    }) as typeof process.stdout.write
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(written('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(written('stderr')),
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from(input)]) as unknown as typeof process.stdin),
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      ran.code = Number(code ?? 0)
      throw new Exit()
    }),
  ]
  process.env = { HOME: '/nonexistent', ...env }
  try {
    await run(args)
    ran.code = Number(process.exitCode ?? 0)
  } catch (error) {
    if (!(error instanceof Exit)) throw error
  } finally {
    process.exitCode = undefined
    process.env = before
    for (const spy of spies) spy.mockRestore()
  }
  return ran
}

/** An HTTPS server that answers everything with `{}`. */
export async function startTls(options: { cert: string; key: string }) {
  const server = createServer(options, (_req, res) => void res.end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
