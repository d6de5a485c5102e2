import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'

/** Requests whose client waits for `100 Continue` before it sends the body. */
const waiting = new WeakSet<IncomingMessage>()

/**
 * Has `server` leave `Expect: 100-continue` (RFC 9110 §10.1.1) to `handle`: by itself Node tells the client to go on
 * before the request has been judged. A refused client gets its answer without having sent the body; then Node closes the
 * connection, since it might send the body all the same.
 */
export function holdContinue(server: Server, handle: RequestListener): void {
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    waiting.add(req)
    handle(req, res)
  })
}

/** Whether the client still waits to be told that it may send the body. */
export function isAwaitingContinue(req: IncomingMessage): boolean {
  return waiting.has(req)
}

/** Tells the client that it may send the body; once. */
export function letContinue(req: IncomingMessage, res: ServerResponse): void {
  if (waiting.delete(req) && !res.headersSent) res.writeContinue()
}
