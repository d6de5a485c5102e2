import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { parseAuthorization } from '../../src/authn/credentials.js'
import { loadConfig } from '../../src/config/load-config.js'
import { createOwnLogin } from '../../src/middleware/own-login.js'
import type { Milliseconds } from '../../src/time.js'
import { quickHasher } from '../support/fixed-hasher.js'
import { freePort } from '../support/free-ports.js'
import { keptTime } from '../support/kept-time.js'
import { basic } from '../support/servers.js'

const closers: (() => unknown)[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of closers.splice(0)) await close()
})

/** A server that is not a meta node of ours: it answers with these statuses, the last one for ever; or not at all. */
async function metaAddr(...statuses: number[]): Promise<string> {
  const [last] = statuses.slice(-1)
  const server = createServer((_req, res) => res.writeHead(statuses.shift() ?? last ?? 500).end('{"error":"authorization failed"}')).listen(await freePort(), '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  if (last === undefined) server.close()
  else closers.push(() => server.close())
  return `127.0.0.1:${port}`
}

async function signInTwice(address: string, limit: Milliseconds, logger?: { warn: () => void; info: () => void; error: () => void }) {
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const config = loadConfig({ file: false, env: {}, overrides: { 'auth.meta-addr': address, 'auth.meta-timeout': `${limit}ms`, 'auth.meta-attempt-timeout': `${limit}ms`, 'auth.meta-push': 'false' } })
  const login = createOwnLogin(config, { hasher: quickHasher, ...(logger && { logger: logger as never }) })
  closers.push(() => login.close())
  const ann = parseAuthorization(basic('ann', 'the-password'))
  if (!('kind' in ann)) throw ann
  for (let i = 0; i < 2; i++) await expect(login.authenticator.authenticate(ann)).rejects.toMatchObject({ status: 503 })
  return warnings.mock.calls.map(([text]) => String(text))
}

test.each([
  // what                              statuses       the warnings
  ['wrong credentials',                [401],         [/^meta node http:\S+ gave an invalid answer: HTTP 401: it does not accept our credentials/]],
  ['nobody listens',                   [],            [/^meta node http:\S+ does not answer: connection refused \(ECONNREFUSED\)$/]],
  ['it is broken',                     [500],         [/^meta node http:\S+ does not answer: HTTP 500$/]],
  ['broken, then wrong credentials',   [503, 401],    [/ does not answer: HTTP 503$/, / gave an invalid answer: HTTP 401: /]],
])('without a logger the first trouble of each kind with a meta node is a warning: %s', (_what, statuses, expected) => keptTime(250, async (limit) => {
  const warnings = await signInTwice(await metaAddr(...statuses), limit)
  expect(warnings).toEqual(expected.map((warning) => expect.stringMatching(warning)))
  expect(warnings.join()).not.toMatch(/ann|the-password/)
}))

test('B4: with a logger it is in the log, once while it lasts', () => keptTime(250, async (limit) => {
  const lines: unknown[] = []
  const logger = { warn: (...line: unknown[]) => lines.push(line), info: () => {}, error: () => {} }
  expect(await signInTwice(await metaAddr(401), limit, logger as never)).toEqual([])
  expect(lines).toHaveLength(1)
}))
