// What becomes of the old subscription and its token when a step of `rotate` or `delete --apply` fails, and what the person at
// the terminal is told.
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/servers.js'
import { asAdmin, type Ran, runCommand, startOurs } from './commands.js'

/** What InfluxDB answers to a statement: an error, nothing at all, or `undefined` for done. */
type Answer = string | 'cut' | undefined

let ours: Awaited<ReturnType<typeof startOurs>>
let influxdb: TestServer
/** In front of the meta node. */
let proxy: TestServer
let isRevocationCut = false
let asked: string[][]
let answer: (statement: string, request: number) => Answer
/** What `SHOW SUBSCRIPTIONS` says of telegraf.autogen: names, and where they post to. */
let shown: Record<string, string[]> | Answer

beforeAll(async () => {
  ours = await startOurs()
  influxdb = await startServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const statements = (new URLSearchParams(body).get('q') ?? '').split(';').map((one) => one.replace(/ DESTINATIONS .*/, ''))
    if (statements[0] === 'SHOW SUBSCRIPTIONS') {
      if (shown === 'cut') return void res.destroy()
      const values = Object.entries(typeof shown === 'object' ? shown : {}).map(([name, urls]) => ['autogen', name, 'ANY', urls])
      const series = [{ name: 'telegraf', columns: ['retention_policy', 'name', 'mode', 'destinations'], values }]
      return void res.end(JSON.stringify({ results: [{ statement_id: 0, ...(typeof shown === 'string' ? { error: shown } : { series }) }] }))
    }
    const count = asked.push(statements)
    const errors: Answer[] = []
    for (const one of statements) if (errors.push(answer(one, count)) && errors.at(-1) !== undefined) break
    if (errors.at(-1) === 'cut') return void res.destroy()
    // As InfluxDB does: only of the last statement it tells why it failed
    const isLast = errors.length === statements.length
    const results = errors.map((error, i) => ({ statement_id: i, ...(error !== undefined && { error: isLast ? error : 'not executed' }) }))
    res.end(JSON.stringify({ results }))
  })
  proxy = await startServer((req, res) => {
    if (isRevocationCut && req.method === 'DELETE') return void res.destroy()
    const { method, headers, url: path } = req
    const to = request(`http://${ours.address}`, { method, headers, path }, (from) => from.pipe(res.writeHead(from.statusCode ?? 500, from.headers)))
    req.pipe(to)
  })
  writeFileSync(join(ours.directory, 'k.conf'), `[auth]\n  meta-addr = "${new URL(proxy.url).host}"\n[gateway]\n  influxdb-url = "${influxdb.url}"\n`, { mode: 0o600 })
})
beforeEach(() => {
  asked = []
  answer = () => undefined
  shown = undefined
})
afterAll(async () => {
  await influxdb.close()
  await proxy.close()
  await ours.close()
})

const ka = (...args: string[]) => runCommand(['subscription', ...args, '--config', join(ours.directory, 'k.conf')], asAdmin)
const rotate = (...ids: string[]) => ka('rotate', ...ids, '--url', 'http://gateway:9092', '--apply', '--grace', '0s')
const isValid = async (id: string) => !(await ka('show', id)).stdout.includes('revoked')

/** Makes the token of a subscription, and tells its ID. */
async function made(name: string): Promise<string> {
  const { stderr } = await ka('create', 'telegraf', '--name', name, '--url', 'http://gateway:9092')
  return /token (\S+) created/.exec(stderr)?.[1] ?? ''
}

const DROP = (name: string) => `DROP SUBSCRIPTION "${name}" ON telegraf.autogen`
const CREATE = (name: string) => `CREATE SUBSCRIPTION "${name}" ON telegraf.autogen`
const isDrop = (statement: string) => statement.startsWith('DROP')

test('rotate: the old subscription is dropped in the same request, and its token is revoked', async () => {
  const id = await made('r-1')
  expect(await rotate(id)).toEqual({ code: 0, stdout: '', stderr: `subscription "r-2" created on telegraf.autogen\ntoken ${id} revoked\n` })
  expect([asked, await isValid(id)]).toEqual([[[CREATE('r-2'), DROP('r-1')]], false])
})

test('rotate says how long it waits, unless it does not', async () => {
  const id = await made('w-1')
  const { stderr } = await ka('rotate', id, '--url', 'http://gateway:9092', '--apply', '--grace', '1ms')
  expect(stderr).toBe(`subscription "w-2" created on telegraf.autogen\nthe old token is revoked in 1ms, when InfluxDB has sent what it had queued\ntoken ${id} revoked\n`)
  expect((await ka('rotate', id, '--grace', 'soon')).stderr).toContain('Expected a duration such as 30s or 1m, or 0s.')
})

test.each<[string, (statement: string, request: number) => Answer, string | undefined]>([
  // InfluxDB                                    answers                                                           so that the person reads
  ['has no such subscription any more',          (one) => (isDrop(one) ? 'subscription not found' : undefined),    undefined],
  ['drops it when it is asked again',            (one, n) => (isDrop(one) && n === 1 ? 'timeout' : undefined),     undefined],
  ['refuses to drop it',                         (one) => (isDrop(one) ? 'timeout' : undefined),                   'InfluxDB: timeout'],
  ['refuses, and is gone when asked again',      (one, n) => (isDrop(one) ? (n === 1 ? 'timeout' : 'cut') : undefined), 'upstream unavailable'],
])('rotate, and InfluxDB %s', async (says, answers, reason) => {
  const name = says.replaceAll(/\W/g, '')
  const id = await made(`${name}-1`)
  answer = answers
  const { code, stderr } = await rotate(id)
  expect(asked[0]).toEqual([CREATE(`${name}-2`), DROP(`${name}-1`)])
  if (reason === undefined) return expect([code, await isValid(id)]).toEqual([0, false])
  expect(code).toBe(1)
  expect(stderr).toContain(`subscription "${name}-2" created on telegraf.autogen\nkapacitor-auth: the old subscription "${name}-1" could not be dropped: ${reason}`)
  expect(stderr).toContain(`Points come twice, and its token ${id} stays valid, until you run kapacitor-auth subscription delete ${id} --apply --yes\n`)
  expect(await isValid(id)).toBe(true)

  // What it says works
  answer = () => undefined
  asked = []
  expect(await ka('delete', id, '--apply', '--yes')).toEqual({ code: 0, stdout: '', stderr: `subscription "${name}-1" on telegraf.autogen dropped\ntoken ${id} revoked\n` })
  expect([asked, await isValid(id)]).toEqual([[[DROP(`${name}-1`)]], false])
})

test('rotate of several: after a failure no more are made, and the tokens of those before are revoked', async () => {
  const [first, second, third] = [await made('x-1'), await made('y-1'), await made('z-1')]
  answer = (one) => (one === DROP('y-1') ? 'timeout' : undefined)
  const { code, stderr } = await rotate(first, second, third)
  expect([code, stderr]).toEqual([1, expect.stringContaining(`token ${first} revoked\nkapacitor-auth: the old subscription "y-1" could not be dropped`)])
  expect([await isValid(first), await isValid(second), await isValid(third)]).toEqual([false, true, true])
  expect(asked.flat().filter((one) => one.includes('z-'))).toEqual([])
  expect(await rotate('019a0c3e-0000-7a64-9d0b-3f9c2a1be04d')).toMatchObject({ code: 2, stderr: expect.stringContaining('not found') })
})

test.each<[string, Answer, string]>([
  // InfluxDB        answers       so that the person reads
  ['refuses it',     'timeout',    'InfluxDB: timeout'],
  ['goes away',      'cut',        'upstream unavailable'],
])('delete --apply, and InfluxDB %s: the token stays valid, and that is said', async (says, answers, reason) => {
  const id = await made(`d ${says}`)
  answer = () => answers
  const { code, stderr } = await ka('delete', id, '--apply', '--yes')
  expect([code, stderr]).toEqual([1, expect.stringContaining(reason)])
  expect(stderr).toContain(`; the token ${id} stays valid\n`)
  expect(await isValid(id)).toBe(true)
})

test('delete --apply drops no subscription that may be that of another valid token; without --apply the token alone goes', async () => {
  const [old, live] = [await made('same'), await made('same')]
  const { code, stderr } = await ka('delete', old, '--apply', '--yes')
  expect([code, stderr, asked]).toEqual([1, `kapacitor-auth: the subscription "same" on telegraf.autogen may be that of another valid token, ${live}: nothing is dropped. Without --apply only the token ${old} is revoked\n`, []])
  expect(await ka('delete', old, '--yes')).toMatchObject({ code: 0, stderr: `token ${old} revoked\n` })
  expect([await isValid(old), await isValid(live)]).toEqual([false, true])
  expect(await ka('delete', live, '--apply', '--yes')).toMatchObject({ code: 0 })
})

test.each<[string, (id: string) => Promise<Ran>, string, string]>([
  // of                 command                                         is done                                                so that the person reads
  ['rotate',            (id) => rotate(id),                             'subscription "v-2" created on telegraf.autogen\n',    'the old token ID could not be revoked, run kapacitor-auth subscription delete ID --yes: '],
  ['delete --apply',    (id) => ka('delete', id, '--apply', '--yes'),   'subscription "v-1" on telegraf.autogen dropped\n',    ''],
])('%s: a token that cannot be revoked is valid still, and what was done is said', async (_command, work, done, says) => {
  const id = await made('v-1')
  isRevocationCut = true
  const { code, stderr } = await work(id)
  isRevocationCut = false
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${done}kapacitor-auth: ${says.replaceAll('ID', id)}`)])
  expect(stderr).not.toContain(`${id} revoked`)
  expect(await isValid(id)).toBe(true)
  expect(await ka('delete', id, '--yes')).toMatchObject({ code: 0 })
})

test.each<[string, string, string[], boolean]>([
  // what has the name posts            of        to                                                     is dropped
  ['with a token, to a gateway',        'k-1',    ['http://~subscriber:0123456789abcdef@gateway:9092'],   true],
  ['with a token that is hidden',       'l-1',    ['http://~subscriber:***@gateway:9092'],                true],
  ['by UDP',                            'm-1',    ['udp://elsewhere:9090'],                               false],
  ['by HTTP without credentials',       'n-1',    ['http://gateway:9092'],                                false],
  ['with somebody\'s password',         'o-1',    ['http://writer:secret@gateway:9092'],                  false],
  ['nowhere',                           'q-1',    [],                                                     false],
])('delete --apply drops what posts %s: only what has a token', async (_says, name, destinations, isDropped) => {
  const id = await made(name)
  shown = { another: ['udp://elsewhere:1'], [name]: destinations }
  const { code, stderr } = await ka('delete', id, '--apply', '--yes')
  expect([code, asked, await isValid(id)]).toEqual(isDropped ? [0, [[DROP(name)]], false] : [1, [], true])
  if (!isDropped) expect(stderr).toBe(`kapacitor-auth: the subscription "${name}" on telegraf.autogen has no token, so it is somebody else's: nothing is dropped. Without --apply only the token ${id} is revoked\n`)
})

test.each<[string, Answer, RegExp]>([
  // says        SHOW SUBSCRIPTIONS   reason
  ['refuses',    'timeout',           /InfluxDB: timeout; the token \S+ stays valid\n$/],
  ['goes away',  'cut',               /unavailable.*; the token \S+ stays valid\n$/],
])('delete --apply drops nothing where InfluxDB %s to show its subscriptions', async (says, fails, reason) => {
  const id = await made(`${says.replace(' ', '-')}-9`)
  shown = fails
  const { code, stderr } = await ka('delete', id, '--apply', '--yes')
  expect([code, asked, await isValid(id)]).toEqual([1, [], true])
  expect(stderr).toMatch(reason)
})
