import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { AuthError } from '../errors.js'
import { bodyLimitOf, bodyTooLarge } from '../middleware/body-limit.js'
import { cutOff } from '../server/cut-off.js'
import { isAwaitingContinue, letContinue } from '../server/expectation.js'
import type { Upstream } from './connections/upstream.js'
import { tooSlow, unavailable } from './connections/upstream-error.js'
import { Deadline } from './deadline.js'
import type { ForwardedRequest } from './request/forwarded-request.js'
import { passHead } from './response/answer-head.js'
import { relayBody } from './response/relay-body.js'
import { outcomeOf, type UpstreamOutcome } from './response/upstream-answer.js'

/** The client's end of the gateway. */
export interface Client {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** Methods that change nothing (RFC 9110 §9.2.1): when a connection breaks, they may be asked again. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** How Node reports a connection that the other side has closed. */
const LOST: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE'])

/**
 * Sends a request to the upstream and its answer to the client, piece by piece: who is slow at one end slows the other
 * end down. If the client goes away, the request is given up; if the upstream breaks off, so is the client's
 * connection. A GET or HEAD without a body is sent once more, on a fresh connection, if the one used before turns out
 * to be closed. Nothing else is ever sent twice.
 *
 * @param onCutOff told why an answer that had begun was not finished
 * @param onOutcome told once what came of asking: when the head of an answer is there, or none will come
 * @returns undefined once the answer is sent, or the client gone; the error (413, 502, 503, 504) if nothing was sent
 *   to it
 * @throws TypeError at once for a request that HTTP cannot express; nothing was sent to anybody
 */
export function exchange(
  upstream: Upstream,
  request: ForwardedRequest,
  { req, res }: Client,
  onCutOff: (error: AuthError) => void,
  onOutcome?: (outcome: UpstreamOutcome) => void,
): Promise<AuthError | undefined> {
  let resolve: (result: AuthError | undefined) => void = () => {}
  const promise = new Promise<AuthError | undefined>((settle) => {
    resolve = settle
  })
  const deadline = new Deadline(onTimeout)
  let phase: 'asking' | 'answering' | 'over' = 'asking'
  let stopBody = () => {}
  let out = ask(false)

  res.on('close', () => {
    if (phase === 'asking') onOutcome?.('abandoned')
    // After an answer in full, nothing is left to end
    if (phase !== 'over') end()
    resolve(undefined)
  })
  if (request.hasBody) {
    const limit = bodyLimitOf(req)
    const progress = {
      moving: onBodyTaken,
      stalled: onBodyStalled,
      ended: onAsked,
      exceeded: () => onBodyTooLarge(limit),
    }
    stopBody = relayBody(req, out, progress, limit)
    if (isAwaitingContinue(req)) onAsked()
  } else onAsked()
  return promise

  function ask(fresh: boolean): ClientRequest {
    const attempt = upstream.request(request, fresh)
    attempt.on('response', (answer) => {
      // A body that ends with the connection would be whole to Node, even after a reset
      attempt.on('error', (error) => answer.complete || onAnswerBroken(error))
      onAnswer(answer)
    })
    attempt.on('error', (error) => onBroken(attempt, error))
    // An answer 101 ends like this, without an error
    attempt.on('close', () => onBroken(attempt))
    if (request.hasBody) attempt.on('continue', onContinue)
    else attempt.end(request.body)
    return attempt
  }

  function onContinue(): void {
    onBodyTaken()
    letContinue(req, res)
  }

  function onBodyStalled(): void {
    if (phase === 'asking') deadline.set(upstream.responseTimeout, 'request body not taken')
  }

  function onBodyTaken(): void {
    if (phase === 'asking') deadline.clear()
  }

  /** The upstream's connection is cut, so that it cannot take what it has for the whole. */
  function onBodyTooLarge(limit: number): void {
    if (phase === 'asking') fail(bodyTooLarge(limit))
    else if (phase === 'answering') breakOff(bodyTooLarge(limit))
  }

  function onAsked(): void {
    if (phase === 'asking') deadline.set(upstream.responseTimeout, 'no answer')
  }

  function onBroken(attempt: ClientRequest, error?: NodeJS.ErrnoException): void {
    if (phase !== 'asking' || attempt !== out) return
    const isStale = attempt.reusedSocket && LOST.has(error?.code)
    if (isStale && !request.hasBody && SAFE.has(request.method)) out = ask(true)
    else fail(unavailable(error ?? new Error('closed without an answer')))
  }

  function onAnswer(answer: IncomingMessage): void {
    if (res.headersSent) {
      // The client has been told that its body is too slow
      onOutcome?.('abandoned')
      end()
      return
    }
    const refusal = passHead(answer, { req, res }, upstream.origin)
    if (refusal) {
      fail(refusal)
      return
    }
    phase = 'answering'
    onOutcome?.('answered')
    awaitMore()
    relayBody(answer, res, {
      moving: () => deadline.refresh(),
      stalled: () => deadline.clear(),
      ended: onAnswered,
    })
    res.on('drain', awaitMore)
    // Closes after 'end', and then nothing is left to break off
    answer.on('error', onAnswerBroken)
    answer.on('close', onAnswerBroken)
  }

  function awaitMore(): void {
    if (phase === 'answering') deadline.set(upstream.idleTimeout, 'answer not continued')
  }

  function onAnswerBroken(error?: Error): void {
    if (phase === 'answering') breakOff(unavailable(error ?? new Error('closed within an answer')))
  }

  function onAnswered(): void {
    if (phase !== 'answering') return
    if (req.complete) {
      phase = 'over'
      deadline.clear()
    } else end()
  }

  function onTimeout(what: string): void {
    if (phase === 'asking') fail(tooSlow(what))
    else if (phase === 'answering') breakOff(tooSlow(what))
  }

  /** Before anything was sent to the client. */
  function fail(error: AuthError): void {
    onOutcome?.(outcomeOf(error))
    end()
    resolve(error)
  }

  /** In the middle of an answer. */
  function breakOff(error: AuthError): void {
    end()
    onCutOff(error)
    cutOff(res)
  }

  function end(): void {
    phase = 'over'
    deadline.clear()
    stopBody()
    out.destroy()
  }
}
