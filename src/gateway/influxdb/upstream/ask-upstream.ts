import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../../errors.js'
import type { Upstream } from '../../connections/upstream.js'
import { tooSlow, unavailable } from '../../connections/upstream-error.js'

/** A question of our own to the upstream. */
export interface Question {
  readonly method: 'GET' | 'POST'
  readonly target: string
  /** A form; none with GET. */
  readonly form?: string
  readonly headers?: readonly string[]
}

/** An answer, whole. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** An answer that is longer is refused: only streamed ones may be. */
const MAX_ANSWER = 64 * 1024 * 1024

const FORM_TYPE = 'application/x-www-form-urlencoded'

/**
 * Asks the upstream, and reads the whole answer.
 *
 * @throws AuthError `ERR_UPSTREAM_UNAVAILABLE`, `ERR_UPSTREAM_TIMEOUT`, or what the upstream's pool says; the first also
 *   for an answer of more than 64 MiB
 */
export function askUpstream(upstream: Upstream, question: Question): Promise<WholeAnswer> {
  const { method, target, form, headers = [] } = question
  const body =
    form === undefined
      ? []
      : ['Content-Type', FORM_TYPE, 'Content-Length', String(Buffer.byteLength(form))]
  return new Promise((resolve, reject) => {
    const out = upstream.request({
      method,
      target,
      headers: ['Host', upstream.host, ...headers, ...body],
    })
    const fail = (error: AuthError) => {
      clearTimeout(timer)
      reject(error)
      out.destroy()
    }
    const patience = upstream.responseTimeout
    const timer = setTimeout(() => fail(tooSlow('no answer')), patience || MAX_TIMER)
    timer.unref()
    out.on('error', (error) => fail(error instanceof AuthError ? error : unavailable(error)))
    out.on('response', (answer) => {
      const chunks: Buffer[] = []
      let length = 0
      answer.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > MAX_ANSWER) fail(unavailable(new Error('answer too long to be read whole')))
        else chunks.push(chunk)
      })
      answer.on('error', (error) => fail(unavailable(error)))
      answer.on('end', () => {
        clearTimeout(timer)
        const { statusCode: status = 0, headers } = answer
        resolve({ status, headers, text: Buffer.concat(chunks).toString() })
      })
    })
    out.end(form)
  })
}

const MAX_TIMER = 2 ** 31 - 1
