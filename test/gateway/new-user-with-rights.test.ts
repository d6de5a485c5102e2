// An administrator at a gateway creates a user with rights, at meta nodes over the wire: a manager gains nothing by what they
// do at the meta node in between.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import { ADMIN_PERMISSIONS, isAdmin } from '../../src/authz/permission.js'
import { createMetaNodeUsers } from '../../src/gateway/influxdb/users/meta-node-users.js'
import { createRemoteUsers } from '../../src/gateway/kapacitor/users/remote-users.js'
import { createMetaEditor, type MetaEditor } from '../../src/meta-client/editor.js'
import { change, hostOf, SECRET, startNode } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'
import { basic, startServer } from '../support/servers.js'

const closing: (() => unknown)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

async function start() {
  const directory = temporaryDirectory()
  const node = await startNode(directory.path)
  closing.push(directory.remove, () => node.close())
  await change(node, '/user', { action: 'create', user: { name: 'manager', password: 'of the manager' } })
  await change(node, '/user', { action: 'add-permissions', user: { name: 'manager', permissions: { '': ['CreateUserAndRole'] } } })
  return node
}

function editorOf(address: string): MetaEditor {
  const editor = createMetaEditor({ addresses: [address], credentials: { kind: 'node', secret: SECRET } })
  closing.push(() => editor.close())
  return editor
}

const create: [string, (editor: MetaEditor) => Promise<unknown>][] = [
  ['Kapacitor\'s users API', (editor) => createRemoteUsers(editor).create(
    { name: 'new', password: 'of the new one', type: 'admin' },
    { manager: undefined, requester: { origin: '' }, report: () => {} } as never,
  )],
  ['CREATE USER of InfluxQL', async (editor) => {
    const hasher = createBcryptPool({ threads: 1, queue: 10 })
    closing.push(() => hasher.close())
    return createMetaNodeUsers(editor, hasher).createUser('new', 'of the new one', ADMIN_PERMISSIONS)
  }],
]

describe.each(create)('%s', (_says, createAdmin) => {
  test('a manager who acts as soon as the user is there never gets an administrator with their own password', async () => {
    const node = await start()
    const url = node.listening.url
    const asManager = async (action: string, fields = {}) => {
      const headers = { authorization: basic('manager', 'of the manager') }
      return (await fetch(`${url}/user`, { method: 'POST', headers, body: JSON.stringify({ action, user: { name: 'new', ...fields } }) })).status
    }
    const editor = editorOf(hostOf(node))
    const statuses: number[] = []
    await createAdmin({
      ...editor,
      async createUser(...user) {
        const answer = await editor.createUser(...user)
        statuses.push(await asManager('change-password', { password: 'of the thief' }), await asManager('delete'), await asManager('create', { password: 'of the thief' }))
        return answer
      },
    })
    const signIn = async (password: string) => (await fetch(`${url}/user`, { headers: { authorization: basic('new', password) } })).status
    expect([await signIn('of the thief'), await signIn('of the new one')]).toEqual([401, 200])
    expect(statuses).toEqual([403, 403, 409])
  })

  test.each([
    ['ignores permissions, as InfluxDB Enterprise', false],
    ['refuses them, as our older versions',         true],
  ])('a meta node that %s, is asked to grant them', async (_node, isRefusing) => {
    const node = await start()
    const asked: string[] = []
    const older = await startServer(async (req: IncomingMessage, res: ServerResponse) => {
      let body = ''
      for await (const chunk of req) body += chunk
      const json = body === '' ? undefined : JSON.parse(body)
      if (json) asked.push(json.action)
      if (json?.action === 'create' && json.user.permissions) {
        if (isRefusing) return void res.writeHead(400).end('{"error":"\\"create\\" takes no \\"permissions\\"; \\"add-permissions\\" does"}')
        delete json.user.permissions
      }
      const { authorization = '' } = req.headers
      const answer = await fetch(node.listening.url + req.url, { method: req.method ?? '', headers: { authorization }, ...(json && { body: JSON.stringify(json) }) })
      res.writeHead(answer.status).end(await answer.text())
    })
    closing.push(() => older.close())
    const editor = editorOf(`127.0.0.1:${older.port}`)
    await createAdmin(editor)
    expect(isAdmin((await editor.user('new'))?.permissions ?? new Map())).toBe(true)
    expect(asked).toEqual(isRefusing ? ['create', 'create', 'add-permissions'] : ['create', 'add-permissions'])
  })
})
