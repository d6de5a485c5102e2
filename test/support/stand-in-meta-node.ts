import { startServer, type TestServer } from './servers.js'

/** A user as a meta node prints it, with what only a stand-in may know. */
export interface StandInUser {
  name: string
  hash?: string
  permissions?: Record<string, string[]>
  /** What `/authorized` compares with. */
  password?: string
  /** The node keeps no hash. */
  ldap?: boolean
}

export interface StandInRole { name: string; users?: string[]; permissions?: Record<string, string[]> }

export interface StandInMetaNode extends TestServer {
  readonly users: Map<string, StandInUser>
  readonly roles: StandInRole[]
  /** Requests by path. */
  readonly count: Record<string, number>
}

/** A meta node in miniature: answers as a real one does to what Kapacitor asks, counts, and changes nothing by itself. */
export async function startStandInMetaNode(users: readonly StandInUser[], roles: StandInRole[] = []): Promise<StandInMetaNode> {
  const byName = new Map(users.map((user) => [user.name, user]))
  const count: Record<string, number> = {}
  const server = await startServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://meta')
    const name = url.searchParams.get('name') ?? ''
    const user = byName.get(name)
    count[url.pathname] = (count[url.pathname] ?? 0) + 1
    const answer = (status: number, body: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json', 'influxdb-metaindex': '1' }).end(JSON.stringify(body))
    }
    switch (url.pathname) {
      case '/user': return user ? answer(200, { users: [documentOf(user)] }) : answer(404, { error: 'user not found' })
      case '/role': return answer(200, roles.length ? { roles } : {})
      case '/authorized': return user?.password !== undefined && user.password === url.searchParams.get('password')
        ? answer(200, {})
        : answer(401, { error: 'authorization failed' })
      default: return answer(404, { error: 'not found' })
    }
  })
  return Object.assign(server, { users: byName, roles, count })
}

const documentOf = ({ password: _, ldap, ...user }: StandInUser) => (ldap ? { ...user, hash: '' } : user)
