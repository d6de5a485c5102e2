import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { AuthError } from '../errors.js'
import { cutOff } from '../server/cut-off.js'
import type { Milliseconds } from '../time.js'
import type { Parties } from './connections/shares.js'
import type { Upstream } from './connections/upstream.js'
import { tooSlow, unavailable } from './connections/upstream-error.js'
import { Deadline } from './deadline.js'
import type { ForwardedRequest } from './request/forwarded-request.js'
import type { RequestBody } from './request/request-body.js'
import { passHead, refusedAnswer } from './response/answer-head.js'
import { relayBody } from './response/relay-body.js'
import { outcomeOf, type UpstreamOutcome } from './response/upstream-answer.js'

/** The client's end of the gateway. */
export interface Client {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** What is asked of an exchange beside the request. */
export interface ExchangeOptions {
  /** Whose share of the connections it is of. */
  readonly parties: Parties
  /** How long the upstream may take until the head of an answer; and to take more of the body. 0: for ever. */
  readonly responseTimeout: Milliseconds
  /** How long it may pause within an answer. 0: for ever. */
  readonly idleTimeout: Milliseconds
  /** Called with the reason why an answer that had begun was not finished. */
  readonly onCutOff: (error: AuthError) => void
  /** Called once: when an answer begins, or when it is clear that there is none. */
  readonly onOutcome?: ((outcome: UpstreamOutcome) => void) | undefined
}

/** Methods that change nothing (RFC 9110 §9.2.1): when a connection breaks, they may be asked again. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** How Node reports a connection that the other side has closed. */
const LOST: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE'])

/**
 * Sends a request to the upstream and its answer to the client, piece by piece: a slow end slows the other one down. If
 * the client goes away, the request is given up; if the upstream breaks off, so is the client's connection, or, where
 * nothing was passed on yet, the client gets an error. A GET or HEAD without a body is sent once more, on a fresh
 * connection, if the one used before turns out to be closed. Nothing else is ever sent twice.
 *
 * @param body the client's, begun; undefined if there is none, or it does not go with the request
 * @returns undefined once the answer is sent, or the client gone; the error (408, 413, 502, 503, 504) if nothing was
 *   sent to it
 * @throws TypeError at once for a request that HTTP cannot express; nothing was sent to anybody
 */
export function exchange(
  upstream: Upstream,
  request: ForwardedRequest,
  body: RequestBody | undefined,
  { req, res }: Client,
  { parties, responseTimeout, idleTimeout, onCutOff, onOutcome }: ExchangeOptions,
): Promise<AuthError | undefined> {
  let resolve: (result: AuthError | undefined) => void = () => {}
  const promise = new Promise<AuthError | undefined>((settle) => {
    resolve = settle
  })
  const deadline = new Deadline(onTimeout)
  // answered: the head of an answer is there, but nothing of it was passed on
  let phase: 'asking' | 'answered' | 'answering' | 'over' = 'asking'
  let isSent = body === undefined
  let isEarly = false
  let stopBody = () => {}
  let out = ask(false)

  res.on('close', () => {
    if (phase === 'asking' || phase === 'answered') onOutcome?.('abandoned')
    // After an answer in full, nothing is left to end
    if (phase !== 'over') end()
    resolve(undefined)
  })
  if (body === undefined) onSent()
  else {
    stopBody = body.sendTo(out, {
      taken: () => phase === 'asking' && deadline.clear(),
      stalled: () => phase === 'asking' && deadline.set(responseTimeout, 'request body not taken'),
      sent: onSent,
      refused: onBodyRefused,
    })
  }
  return promise

  function ask(fresh: boolean): ClientRequest {
    const attempt = upstream.request(request, parties, fresh)
    attempt.on('response', (answer) => {
      // A body that ends with the connection would be whole to Node, even after a reset
      attempt.on('error', (error) => answer.complete || onAnswerBroken(error))
      onAnswer(answer)
    })
    attempt.on('error', (error) => onBroken(attempt, error))
    // An answer 101 ends like this, without an error
    attempt.on('close', () => onBroken(attempt))
    if (body === undefined) attempt.end(request.body)
    return attempt
  }

  function onSent(): void {
    isSent = true
    if (phase === 'asking') deadline.set(responseTimeout, 'no answer')
  }

  /** The upstream's connection is cut, so that it cannot take what it has for the whole. */
  function onBodyRefused(error: AuthError): void {
    if (phase === 'answering') breakOff(error)
    else if (phase !== 'over') fail(error)
  }

  function onBroken(attempt: ClientRequest, error?: NodeJS.ErrnoException): void {
    if (phase !== 'asking' || attempt !== out) return
    const isStale = attempt.reusedSocket && LOST.has(error?.code)
    if (isStale && body === undefined && SAFE.has(request.method)) out = ask(true)
    else fail(unavailable(error ?? new Error('closed without an answer')))
  }

  function onAnswer(answer: IncomingMessage): void {
    if (res.headersSent) {
      // The client has been answered that its body is too slow
      onOutcome?.('abandoned')
      end()
      return
    }
    const refusal = refusedAnswer(answer)
    if (refusal) {
      fail(refusal)
      return
    }
    phase = 'answered'
    isEarly = !isSent || !out.writableFinished
    awaitMore()
    relayBody(answer, res, {
      begins: () => phase === 'answered' && passOn(answer),
      moving: () => deadline.refresh(),
      stalled: () => deadline.clear(),
      ended: onAnswered,
    }).start()
    res.on('drain', awaitMore)
    // Closes after 'end', and then nothing is left to break off
    answer.on('error', onAnswerBroken)
    answer.on('close', onAnswerBroken)
  }

  /** Only now: of an upstream that breaks off before the first byte the client gets an error, not half an answer. */
  function passOn(answer: IncomingMessage): boolean {
    const refusal = passHead(answer, { req, res }, upstream)
    if (refusal) {
      fail(refusal)
      return false
    }
    phase = 'answering'
    onOutcome?.('answered')
    return true
  }

  function awaitMore(): void {
    if (phase === 'answered' || phase === 'answering') {
      deadline.set(idleTimeout, 'answer not continued')
    }
  }

  function onAnswerBroken(error?: Error): void {
    const broken = () => unavailable(error ?? new Error('closed within an answer'))
    if (phase === 'answered') fail(broken())
    else if (phase === 'answering') breakOff(broken())
  }

  /** An upstream that answers before it has the whole request may answer twice: its connection is not used again. */
  function onAnswered(): void {
    if (phase !== 'answering') return
    if (isSent && !isEarly) {
      phase = 'over'
      deadline.clear()
    } else end()
  }

  function onTimeout(what: string): void {
    if (phase === 'answering') breakOff(tooSlow(what))
    else if (phase !== 'over') fail(tooSlow(what))
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
    // At the end of an answer Node is done with the request: to destroy that alone would leave the connection to others
    out.socket?.destroy()
    out.destroy()
  }
}
