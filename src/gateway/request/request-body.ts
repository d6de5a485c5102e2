import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { AuthError } from '../../errors.js'
import { bodyLimitOf, bodyTooLarge } from '../../middleware/body-limit.js'
import { letContinue } from '../../server/expectation.js'
import { relayBody } from '../response/relay-body.js'
import { BodyPace, bodyTooSlow, type LeastPace } from './body-pace.js'

/** How much of a body is kept before a connection to the upstream is taken for it, in bytes. */
export const FIRST_PART = 65_536

/** Called as a body is given to the upstream. */
export interface BodyProgress {
  /** It has taken what there was. */
  taken(): void
  /** It takes no more for now. */
  stalled(): void
  /** It has been given the whole. */
  sent(): void
  /** The client's body is refused. */
  refused(error: AuthError): void
}

/**
 * The body of a client's request on its way to the upstream. Its first 64 kB wait here until there are so many, or until
 * the body is over: a client that sends slowly holds no connection to the upstream meanwhile. A client that asks first
 * (`Expect: 100-continue`) gets its `100 Continue` here.
 */
export class RequestBody {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #limit: number
  readonly #pace: BodyPace
  #first: Buffer[] = []
  #isWhole = false
  #onRefused: (error: AuthError) => void = () => {}

  constructor(req: IncomingMessage, res: ServerResponse, least: LeastPace) {
    this.#req = req
    this.#res = res
    this.#limit = bodyLimitOf(req)
    this.#pace = new BodyPace(least, () => this.#onRefused(bodyTooSlow()))
  }

  /**
   * Waits for the first part.
   *
   * @returns undefined once it is there, or the client has gone or been answered; the refusal (408, 413)
   */
  begin(): Promise<AuthError | undefined> {
    const req = this.#req
    const res = this.#res
    return new Promise((resolve) => {
      let length = 0
      const settle = (error?: AuthError) => {
        req.off('data', onData)
        req.off('end', onEnd)
        res.off('close', onClose)
        this.#pace.pause()
        if (error) {
          this.#first = []
          req.resume()
        }
        resolve(error)
      }
      const onData = (piece: Buffer) => {
        length += piece.length
        this.#pace.received(piece.length)
        if (length > this.#limit) {
          settle(bodyTooLarge(this.#limit))
          return
        }
        this.#first.push(piece)
        if (length < FIRST_PART) return
        req.pause()
        settle()
      }
      const onEnd = () => {
        this.#isWhole = true
        settle()
      }
      const onClose = () => settle()
      this.#onRefused = settle
      req.on('data', onData)
      req.on('end', onEnd)
      res.on('close', onClose)
      letContinue(req, res)
      this.#pace.resume()
    })
  }

  /** Gives it to the upstream, first part and rest. @returns stops that; the rest is taken off the connection */
  sendTo(out: ClientRequest, progress: BodyProgress): () => void {
    this.#onRefused = (error) => {
      stop()
      progress.refused(error)
    }
    const relay = relayBody(
      this.#req,
      out,
      {
        moving: (bytes) => {
          this.#pace.received(bytes)
          this.#pace.resume()
          progress.taken()
        },
        stalled: (bytes) => {
          this.#pace.received(bytes)
          this.#pace.pause()
          progress.stalled()
        },
        ended: () => {
          this.#pace.pause()
          progress.sent()
        },
        exceeded: () => {
          this.#pace.pause()
          progress.refused(bodyTooLarge(this.#limit))
        },
      },
      { limit: this.#limit, first: this.#first, isWhole: this.#isWhole },
    )
    this.#first = []
    const stop = () => {
      this.#pace.pause()
      relay.stop()
    }
    relay.start()
    return stop
  }
}
