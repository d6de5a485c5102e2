import type { Trouble } from './faulty-hop.js'
import { quickHash } from './fixed-hasher.js'

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'

/** An answer at once, as a whole. */
const answer = (head: string, body: string): Trouble => (client) => client.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)

/** A server's part of a conversation, gone wrong in each of its phases. */
export const TROUBLES = {
  /** Takes the request, and says nothing. */
  silent: () => {},
  /** Takes the request, and hangs up. */
  hangsUp: (client) => client.destroy(),
  /** Stops within the head. */
  halfHead: (client) => client.write('HTTP/1.1 200 OK\r\nContent-Len'),
  /** A head that never ends, a header at a time. */
  drips: (client) => {
    client.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => client.write('X: y\r\n'), 20)
    client.once('close', () => clearInterval(timer))
  },
  /** Stops within the body. */
  halfBody: (client) => client.write(`${OK}Content-Length: 100\r\n\r\n{"users":`),
  /** Hangs up within the body. */
  cutBody: (client) => client.end(`${OK}Content-Length: 100\r\n\r\n{"users":`),
  /** Another protocol. */
  notHttp: (client) => client.end('SSH-2.0-OpenSSH_9.2p1\r\n'),
  /** Somebody's login page. */
  html: answer('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n', '<html>Welcome to the hotel</html>'),
  /** JSON that means nothing. */
  nonsense: answer(OK, '{"users":7,"roles":"all"}'),
  /** An administrator with the password that was offered, under any name. */
  somebodyElse: (client, request) => {
    const users = [{ name: 'root', hash: quickHash('secret'), permissions: { '': ['KapacitorAPI'] } }]
    answer(OK, JSON.stringify(request.startsWith('GET /role') ? { roles: [] } : { users }))(client, request)
  },
  /** An error of its own. */
  error: answer('HTTP/1.1 500 Internal Server Error\r\n', 'panic'),
  /** Two lengths, as request smuggling needs them. */
  twoLengths: (client) => client.end(`${OK}Content-Length: 3\r\nContent-Length: 5\r\n\r\nfine!`),
} satisfies Record<string, Trouble>
