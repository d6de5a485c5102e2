import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { watchCertificates } from '../../src/serve/certificate-watch.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { createLog } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'

const DAY = 86_400_000
let certificates: Certificates
let expiry: number
let directory: ReturnType<typeof temporaryDirectory>

beforeAll(async () => {
  certificates = await makeCertificates()
  expiry = Date.parse(new X509Certificate(certificates.server.cert).validTo)
})
beforeEach(() => {
  directory = temporaryDirectory()
  writeFileSync(file(), certificates.server.cert)
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  directory.remove()
})

const file = () => join(directory.path, 'cert.pem')
const load = (overrides: Record<string, string> = {}) =>
  loadConfig({ file: false, env: {}, overrides: { 'http.https-enabled': 'true', 'http.https-certificate': file(), ...overrides } })

function start(daysLeft: number, config = load()) {
  vi.setSystemTime(expiry - daysLeft * DAY)
  const log = createLog()
  const watch = watchCertificates(config, log)
  const said = () => log.lines.splice(0).map(({ level, message }) => `${level}: ${message}`)
  return { log, watch, said, after: async (days: number) => { await vi.advanceTimersByTimeAsync(days * DAY); return said() } }
}

test('D7: a certificate that runs out while the server runs: warnings before, an error at that moment, each once', async () => {
  const { said, after, watch } = start(16.5)
  expect(said()).toEqual([])
  expect(await after(2)).toEqual([])
  const title = `[http] https-certificate (${file()})`
  const on = `: ${new X509Certificate(certificates.server.cert).validTo}`
  expect(await after(1)).toEqual([`warn: ${title} expires in 13 days${on}`])
  expect(await after(1)).toEqual([`warn: ${title} expires in 12 days${on}`])
  expect(await after(9)).toHaveLength(9)
  expect((await after(3.4)).at(-1)).toMatch(/^warn: .* expires in \d hours?: /)
  expect(await after(0.2)).toEqual([`error: ${title} has expired${on}`])
  expect(await after(30)).toEqual([])
  watch.close()
})

test('B3: readiness shows how long it is valid', async () => {
  const { watch, after } = start(9.5)
  const { validTo } = new X509Certificate(certificates.server.cert)
  const name = 'certificate [http] https-certificate'
  expect(watch.parts()).toEqual([{ name, ready: true, reason: `expires in 9 days: ${validTo}` }])
  await after(8)
  expect(watch.parts()).toEqual([{ name, ready: true, reason: `expires in 1 day: ${validTo}` }])
  await after(2)
  expect(watch.parts()).toEqual([{ name, ready: true, reason: `has expired: ${validTo}` }])
  watch.close()
})

test('a certificate that takes its place in the file ends the warnings', async () => {
  const before = Date.parse(new X509Certificate(certificates.expired.cert).validTo) // a month sooner
  writeFileSync(file(), certificates.expired.cert)
  const { watch, after, said } = start((expiry - before) / DAY + 2)
  expect(said()).toHaveLength(1)
  writeFileSync(file(), certificates.server.cert)
  expect(await after(1)).toEqual([])
  expect(await after(17.5)).toEqual([])
  expect(await after(1)).toHaveLength(1)
  watch.close()
})

test.each<[string, Record<string, string>, string[]]>([
  ['HTTPS is off',             { 'http.https-enabled': 'false' },                                                  []],
  ['the meta node has one',    { 'meta.https-enabled': 'true', 'meta.https-certificate': '@' },                    ['[http] https-certificate', '[meta] https-certificate']],
  ['there is no such node',    { 'meta.https-enabled': 'true', 'meta.https-certificate': '@', 'auth.meta-addr': 'a:1' }, ['[http] https-certificate']],
  ['one is shown to others',   { 'auth.meta-addr': 'a:1', 'auth.meta-use-tls': 'true', 'auth.meta-cert': '@', 'auth.meta-key': '@', 'gateway.kapacitor-url': 'https://a:1', 'gateway.kapacitor-cert': '@', 'gateway.kapacitor-key': '@' },
                                                                                                                   ['[http] https-certificate', '[auth] meta-cert', '[gateway] kapacitor-cert']],
])('every certificate in use is watched: %s', (_says, keys, options) => {
  const overrides = Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, value === '@' ? file() : value]))
  const { watch } = start(20, load(overrides))
  expect(watch.parts().map(({ name }) => name)).toEqual(options.map((option) => `certificate ${option}`))
  watch.close()
})

test('after a reload those of the new configuration are watched; a file that cannot be read is not shown', async () => {
  const { watch } = start(20)
  watch.use(load({ 'http.https-certificate': '/nonexistent' }))
  expect(watch.parts()).toEqual([])
  watch.use(load())
  expect(watch.parts()).toHaveLength(1)
  watch.close()
  expect(vi.getTimerCount()).toBe(0)
})
