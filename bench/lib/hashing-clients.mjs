// Clients that keep every hashing slot busy, in a process of their own, so that they are not what a cached user waits for.
// Told by IPC `{port, kind, connections}`, they begin; `{}` ends them. It answers when those before have ended.
import { basic, once } from './load.mjs'
import { PASSWORD } from './meta.mjs'

/** Each is another one, so that none is remembered. */
const HEADERS = {
  'wrong passwords': (i) => basic(i % 2 ? 'ann' : `nobody-${i}`, `wrong ${i}`),
  'first logins': (i) => basic(`new-${i}`, PASSWORD),
}

let count = 0
let current

async function client(run) {
  while (run === current) {
    await once({ port: run.port, headers: HEADERS[run.kind](count++) })
  }
}

process.on('message', async ({ port, kind, connections = 0 }) => {
  const before = current
  current = { port, kind }
  await before?.clients
  current.clients = Promise.all(Array.from({ length: connections }, () => client(current)))
  process.send('done')
})
process.on('disconnect', () => process.exit())
