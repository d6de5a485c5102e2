import { readFileSync } from 'node:fs'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/token/own-token.js'
import { type Asked, SHARED_SECRET, startKapacitorDoor, type TestKapacitorDoor } from '../support/kapacitor-door.js'
import { startNode } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'

/** An exchange with a real Kapacitor, whose users API this is. */
interface UsersCase extends Asked {
  readonly group: string
  readonly says: string
  /** A token of that user, signed with the shared secret. */
  readonly bearer?: string
  /** The status is null where Kapacitor closed the connection without an answer. */
  readonly answer: { readonly status: number | null; readonly body: string }
}

const cases: UsersCase[] = JSON.parse(readFileSync(new URL('../fixtures/kapacitor-users-cases.json', import.meta.url), 'utf8'))

/** What is answered in the place of what Kapacitor does, and why. Bodies are compared where they are given. */
interface Otherwise { readonly status: number; readonly text?: string | RegExp; readonly because: string }

const OWN_STORE = 'Kapacitor lists a store of its own beside the meta node; here the users are listed who sign in'
const ROOT = 'hole: KapacitorAPI alone manages users, so that the author of a task becomes an administrator'
const POISONED = 'hole: an administrator in Kapacitor alone, whom the meta node does not know'
const AFTERMATH = 'what went before is closed'
const WRITE = 'write_points is WriteData on all databases; a user of Kapacitor who holds it can write into none'
const HALF = 'with KapacitorAPI, it is the database that decides who may write'
const POLICY = 'a token is good for one retention policy, too, and InfluxDB names it in every request'

const OTHERWISE: Readonly<Record<string, Otherwise>> = {
  'influxadmin GET /users':                                         { status: 200, text: /"name": "api"[\s\S]*"name": "config"[\s\S]*"name": "influxadmin"/, because: OWN_STORE },
  'api POST /users: new admin evil':                                { status: 403, because: ROOT },
  'evil (not in meta!) GET /config':                                { status: 401, because: POISONED },
  'evil POST /config/x':                                            { status: 401, because: POISONED },
  'api POST /users: local admin named like the meta user `config`': { status: 403, because: ROOT },
  "config with the attacker's password, GET /tasks":                { status: 401, because: POISONED },
  'config with its true meta password':                             { status: 200, because: `hole: a user of Kapacitor's store hides the meta node's; ${AFTERMATH}` },
  'api PATCH /users/evil password -> poison again':                 { status: 403, because: ROOT },
  'evil epw2 GET /config':                                          { status: 401, because: POISONED },
  'bob POST write':                                                 { status: 403, text: '{"error":"user bob does not have \\"write\\" privilege for database \\"x\\""}', because: HALF },
  'bob (api only) GET /users':                                      { status: 403, because: ROOT },
  'bob (api only) creates an admin':                                { status: 403, because: ROOT },
  'bob makes himself admin':                                        { status: 403, because: ROOT },
  'bob GET config now':                                             { status: 403, because: AFTERMATH },
  "root changes bob's password to b2":                              { status: 200, text: /"name": "bob",\n {4}"type": "normal",\n {4}"permissions": \[\n {8}"api"\n/, because: AFTERMATH },
  'bob OLD password b1':                                            { status: 401, because: 'hole: the old password works until the new one is used' },
  'wr POST write?db=x (body m v=1)':                                { status: 204, because: WRITE },
  'al POST write?db=x (body m v=1)':                                { status: 204, because: WRITE },
  'subscription':                                                   { status: 401, because: POLICY },
  'GET /ping?u=_sub:tok1&p=x':                                      { status: 401, because: 'hole: a user without a password makes Kapacitor panic' },
  'Bearer username _sub:tok1 GET /ping':                            { status: 401, because: 'hole: a signed token passes for a subscription' },
}

async function headersOf({ bearer }: UsersCase): Promise<Record<string, string>> {
  if (bearer === undefined) return {}
  const token = await new SignJWT({ username: bearer }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(new TextEncoder().encode(SHARED_SECRET))
  return { authorization: `Bearer ${token}` }
}

const errorOf = (text: string) => (JSON.parse(text) as { error: string }).error

/** What is wrong with our answer; undefined if nothing is. */
async function wrong(door: TestKapacitorDoor, one: UsersCase, subscription: string): Promise<string | undefined> {
  const { says, answer } = one
  const { status, text } = await door.ask({ ...one, as: one.as ?? '', headers: await headersOf(one) })
  const otherwise = OTHERWISE[says]
  if (otherwise) {
    if (status !== otherwise.status) return `${says}: ${status}, not ${otherwise.status}: ${text}`
    if (otherwise.text === undefined) return undefined
    const isRight = typeof otherwise.text === 'string' ? text === otherwise.text : otherwise.text.test(text)
    return isRight ? undefined : `${says}: ${text}`
  }
  if (status !== answer.status) return `${says}: ${status}, not ${answer.status}: ${text}`
  if (status >= 400) return errorOf(text) === errorOf(answer.body) ? undefined : `${says}: ${text}`
  // The recorded list shows the token, ours its id
  return text.replaceAll(subscription, 'tok1') === answer.body ? undefined : `${says}: ${text}`
}

const users = {
  'meta mode': {
    admin: 'influxadmin:pw',
    others: [
      { name: 'api', password: 'apw', permissions: { '': ['KapacitorAPI'] } },
      { name: 'config', password: 'pw', permissions: { '': ['KapacitorConfigAPI'] } },
    ],
  },
  'own store mode': { admin: 'root:rootpw', others: [] },
} as const

const closing: (() => unknown)[] = []
afterAll(async () => { for (const close of closing.splice(0).reverse()) await close() })

/** Our own meta node, in a program of its own. */
async function apart(admin: string): Promise<TestKapacitorDoor> {
  const directory = temporaryDirectory()
  const [name = '', password = ''] = admin.split(':')
  const node = await startNode(directory.path, '127.0.0.1:0', { 'meta.admin-username': name, 'meta.admin-password': password })
  closing.push(directory.remove, () => node.close())
  return startKapacitorDoor({}, { admin, node })
}

describe.each([
  ['the embedded meta node', (admin: string) => startKapacitorDoor({}, { admin })],
  ['a meta node of its own', apart],
])('the users of %s are answered as recorded, but for what is named', (_says, open) => {
  describe.each(Object.entries(users))('%s', (mode, { admin, others }) => {
    let door: TestKapacitorDoor
    let subscription = ''
    beforeAll(async () => {
      door = await open(admin)
      closing.push(() => door.close())
      for (const { name, password, permissions } of others) {
        await door.change('/user', { action: 'create', user: { name, password } })
        await door.change('/user', { action: 'add-permissions', user: { name, permissions } })
      }
      const token = await door.registry.createSubscriptionToken({ digest: digestOf('tok1'), database: 'x', policy: 'autogen', name: 'kapacitor' })
      subscription = token.id
    })

    test('all exchanges, in order', async () => {
      const found: string[] = []
      for (const one of cases) {
        if (one.group !== mode && !(mode === 'own store mode' && one.group === 'nil dereference')) continue
        const why = await wrong(door, one, subscription)
        if (why !== undefined) found.push(why)
      }
      expect(found).toEqual([])
      expect(door.reached.filter((request) => request.includes('/users'))).toEqual([])
    })
  })
})

test('every exchange that is answered otherwise was recorded', () => {
  expect(Object.keys(OTHERWISE).filter((says) => !cases.some((one) => one.says === says))).toEqual([])
})
