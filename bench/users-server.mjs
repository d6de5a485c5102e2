// A server that remembers many users, in a process of its own: node --expose-gc users-server.mjs USERS. Each has signed
// in once, over the real way from a meta node's answer to the header memory; only the hashing is not done (a million
// would take a day). Tells its port, and what a user takes.
import { createServer } from 'node:http'
import Koa from 'koa'
import { createMetaDirectory } from '../dist/authn/directory/meta-directory.js'
import { createSignIn } from '../dist/authn/sign-in.js'
import { kapacitorAuth, loadConfig } from '../dist/index.js'
import { readUser } from '../dist/meta-client/documents/user-document.js'
import { hashOf, headerOf, nameOf, passwordOf } from './lib/many-users.mjs'

const users = Number(process.argv[2])
const config = loadConfig({
  file: false,
  env: {},
  overrides: {
    'auth.cache-size': String(users),
    'auth.revalidate-interval': '24h',
    'auth.cache-expiration': '24h',
  },
})

const permissions = { '': ['KapacitorAPI'], telegraf: ['ReadData', 'WriteData'] }
/** A meta client whose answers come over no wire. */
const client = {
  async user(name) {
    const body = Buffer.from(JSON.stringify({ users: [{ name, hash: hashOf(name), permissions }] }))
    return readUser({ status: 200, body }, name, () => {})
  },
  roles: async () => [],
}
const hasher = {
  compare: async () => true,
  hash: async () => '',
  close: async () => {},
  running: 0,
  waiting: 0,
}
const signIn = createSignIn(
  createMetaDirectory(client, { rolesInterval: 3_600_000, push: false }),
  hasher,
  config.auth,
)
const authenticator = signIn.authenticator()

async function collected() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function signInOnce(n) {
  const name = nameOf(n)
  const header = headerOf(n)
  const user = await authenticator.authenticate(
    { kind: 'password', name, password: passwordOf(n) },
    header,
  )
  if (user.name !== name) throw new Error(`${name} was not let in: ${user.message}`)
}

const before = await collected()
for (let n = 0; n < users; n++) await signInOnce(n)
const after = await collected()
if (authenticator.recall(headerOf(0)) === undefined)
  throw new Error('the first user is not remembered')

const app = new Koa()
app.use(kapacitorAuth(config, { authenticator }))
app.use((ctx) => {
  ctx.body = { tasks: [] }
})
const server = createServer(app.callback())
server.listen(0, '127.0.0.1', () =>
  process.send({ port: server.address().port, bytes: (after - before) / users }),
)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system })
})
process.on('disconnect', () => process.exit())
