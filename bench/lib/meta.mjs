import { createServer } from 'node:http'
import bcrypt from 'bcryptjs'

/** The password of every user of the bench. */
export const PASSWORD = 'a password of the bench'

/** A meta node that knows any user by name: `weak…` without permissions, others with `KapacitorAPI`. Counts by path.
    `nobody…` and `x-…` there are not. It also publishes the keys of an identity provider, if given, at `/keys`. */
export async function startMeta({ cost = 10, keySet = {} } = {}) {
  const hash = bcrypt.hashSync(PASSWORD, cost)
  const count = {}
  const server = createServer((req, res) => {
    const url = new URL(req.url, 'http://meta')
    if (url.pathname === '/keys') {
      res.setHeader('content-type', 'application/json')
      return res.end(JSON.stringify(keySet))
    }
    const name = url.searchParams.get('name')
    count[url.pathname] = (count[url.pathname] ?? 0) + 1
    const permissions = name?.startsWith('weak') ? undefined : { '': ['KapacitorAPI'] }
    res.setHeader('content-type', 'application/json')
    if (/^(?:nobody|x-)/.test(name ?? '')) {
      res.statusCode = 404
      return res.end('{"error":"user not found"}')
    }
    const body = url.pathname === '/role' ? {} : { users: [{ name, hash, permissions }] }
    res.end(JSON.stringify(body))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: server.address().port, count, close: () => server.close() }
}
