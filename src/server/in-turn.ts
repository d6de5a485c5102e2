import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { ownTurn } from './own-turn.js'

/** How many requests may wait on one connection before no more are read from it. */
const MOST_WAITING = 100

/**
 * `handle`, for one request of a connection at a time: a pipelined one waits until those before it are answered. After an
 * answer that closes the connection none is handled: the client could not learn what became of it, and after a refusal
 * what follows may not be a request at all.
 */
export function inTurn(handle: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>()

  function count(socket: Socket, more: 1 | -1): void {
    const now = (waiting.get(socket) ?? 0) + more
    waiting.set(socket, now)
    if (more < 0 && now === MOST_WAITING - 1) socket.resume()
    // Not at once: at the end of each request Node reads on by itself
    if (more > 0 && now === MOST_WAITING) setImmediate(pause, socket)
  }

  function pause(socket: Socket): void {
    if (!socket.destroyed && (waiting.get(socket) ?? 0) >= MOST_WAITING) socket.pause()
  }

  return function inTurn(req, res) {
    const turn = ownTurn(req, res)
    if (turn === undefined) {
      handle(req, res)
      return
    }
    const { socket } = req
    count(socket, 1)
    turn.then(() => {
      count(socket, -1)
      if (res.socket?.writable) handle(req, res)
    })
  }
}
