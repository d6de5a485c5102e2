// What becomes of a token when InfluxDB does not make its subscription, and what the person at the terminal is told.
import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { applySubscription } from '../../src/cli/subscriptions/apply-subscription.js'
import { askInfluxdb } from '../../src/cli/subscriptions/ask-influxdb.js'
import { makeSubscription } from '../../src/cli/subscriptions/make-subscription.js'
import type { SubscriptionEditor } from '../../src/meta-client/token-editor.js'
import { temporaryDirectory } from '../support/program.js'
import { startServer } from '../support/servers.js'

const TOKEN = 'a-token-that-nobody-may-read'
const ID = '019a0c3e-52f1-7a64-9d0b-3f9c2a1be04d'
const OLD = '019a0c3e-0000-7a64-9d0b-3f9c2a1be04d'
const DELETE = 'kapacitor-auth subscription delete'

let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => { directory = temporaryDirectory() })
afterEach(() => directory.remove())

const error = (says: string) => (res: ServerResponse) => void res.end(JSON.stringify({ results: [{ statement_id: 0, error: says }] }))
const cut = (res: ServerResponse) => void res.destroy()
const made = (res: ServerResponse) => void res.end('{"results":[{"statement_id":0},{"statement_id":1}]}')

/** Makes one in an InfluxDB that answers so. */
async function apply(answer: (res: ServerResponse) => void, { isRotation = false, isRevocable = true } = {}) {
  const influxdb = await startServer((req, res) => void req.resume().on('end', () => answer(res)))
  const config = join(directory.path, 'k.conf')
  writeFileSync(config, `[gateway]\n  influxdb-url = "${influxdb.url}"\n`, { mode: 0o600 })
  const revoked: string[] = []
  const editor = {
    create: async () => ({ id: ID, accessToken: TOKEN }),
    async revoke(id: string) { if (!isRevocable) throw new Error('meta node away'); revoked.push(id) },
  } as unknown as SubscriptionEditor
  const replaced = isRotation ? ['mine'] : []
  const subscription = { database: 'telegraf', policy: 'autogen', name: 'mine-2', address: 'http://gateway:9092', replaced, gateway: undefined, ...(isRotation && { replacedToken: OLD }) }
  const says = await applySubscription(subscription, editor, { config, timeout: 5_000 }).then((left) => ['made', ...left.map(({ name, error: why }) => `${name} left: ${why}`)].join(', '), (reason: Error) => reason.message)
  await influxdb.close()
  expect(says).not.toContain(TOKEN)
  return { says, revoked }
}

const AGAIN = `the new token ${ID} is revoked again`
const LEFT = `the new token ${ID} could not be revoked, run ${DELETE} ${ID} --yes`
const UNKNOWN = `it is not known whether "mine-2" was made. If SHOW SUBSCRIPTIONS shows it, run ${DELETE} ${OLD} --apply --yes, otherwise ${DELETE} ${ID} --yes`

test.each<[string, (res: ServerResponse) => void, object, string, string[]]>([
  // InfluxDB                          answers                                  with                                      says                                               revoked
  ['makes it',                         made,                                    {},                                       'made',                                            []],
  ['makes it in the place of another', made,                                    { isRotation: true },                     'made',                                            []],
  ['refuses it',                       error('database not found: telegraf'),   {},                                       `InfluxDB: database not found: telegraf; ${AGAIN}`, [ID]],
  ['refuses the rotation',             error('database not found: telegraf'),   { isRotation: true },                     `InfluxDB: database not found: telegraf; ${AGAIN}`, [ID]],
  ['has one of the name',              error('subscription already exists'),    {},                                       AGAIN,                                             [ID]],
  ['refuses it, and the meta node is away', error('database not found: x'),     { isRevocable: false },                   `InfluxDB: database not found: x; ${LEFT}`,        []],
  ['has one, and the meta node is away', error('subscription already exists'),  { isRevocable: false },                   LEFT,                                              []],
  ['goes away',                        cut,                                     {},                                       `${AGAIN}; if SHOW SUBSCRIPTIONS shows "mine-2" all the same, drop it`, [ID]],
  ['goes away, and the meta node, too', cut,                                    { isRevocable: false },                   LEFT,                                              []],
  ['goes away during a rotation: both tokens stay', cut,                        { isRotation: true },                     UNKNOWN,                                           []],
])('InfluxDB %s', async (_says, answer, options, says, revoked) => {
  const done = await apply(answer, options)
  expect(done.says).toContain(says)
  expect(done.revoked).toEqual(revoked)
})

test('without influxdb-url the file that was read and the key are named', async () => {
  const config = join(directory.path, 'k.conf')
  writeFileSync(config, '[http]\n', { mode: 0o600 })
  await expect(askInfluxdb({ config, timeout: 5_000 }, async () => {})).rejects.toThrow(`--apply needs the URL of InfluxDB, [gateway] influxdb-url (or $KAPACITOR_GATEWAY_INFLUXDB_URL): ${config} does not set it; --config names another file`)
})

test.each([
  // the meta node revokes it   so that the person reads
  [true,                        AGAIN],
  [false,                       LEFT],
])('a token whose statement cannot be printed is good for nothing: it is revoked (%s)', async (isRevocable, says) => {
  const editor = {
    create: async () => ({ id: ID, accessToken: TOKEN }),
    async revoke() { if (!isRevocable) throw new Error('meta node away') },
  } as unknown as SubscriptionEditor
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(((_text: string, done: (reason: Error) => void) => done(new Error('EPIPE'))) as never)
  const wanted = { database: 'telegraf', policy: 'autogen', name: 'mine', address: 'http://gateway:9092', replaced: [], gateway: undefined }
  const made = await makeSubscription(wanted, editor, { timeout: 5_000 }).then(() => 'made', (reason: Error) => reason.message)
  write.mockRestore()
  expect(made).toBe(`cannot write to standard output: EPIPE; ${says}`)
})
