import { type CancelableRequest, got, Options, type Response } from 'got'
import type { Milliseconds } from '../time.js'
import type { Agents } from './agent.js'
import { bare, failureCode, plainOptions } from './plain-options.js'

/** What a meta node said, whatever the status. */
export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: Uint8Array
  /** How many changes the node knew of (`Influxdb-Metaindex`), if it says. */
  readonly index?: number | undefined
}

/** Why there is no answer: the code of a network, TLS or HTTP error, or `ETIMEDOUT`. */
export interface Failure {
  readonly failure: string
}

/** The code of an answer that was cut off. */
export const TOO_LARGE = 'ERR_ANSWER_TOO_LARGE'

export interface GetOptions {
  readonly agents: Agents
  readonly maxAnswerBytes: number
  readonly userAgent: string
}

/** One request for `url`, of at most `timeout`, until `signal` is aborted. */
export type Get = (
  url: string,
  authorization: string | undefined,
  timeout: Milliseconds,
  signal: AbortSignal,
) => Promise<Answer | Failure>

/**
 * A function for one GET over kept connections: no redirect is followed, nothing is retried, decompressed or
 * cached. It never rejects, and nothing of got's errors leaves it but their code: they hold the URL, which
 * holds a password.
 */
export function createGet({ agents, maxAnswerBytes, userAgent }: GetOptions): Get {
  const defaults = plainOptions(agents)
  defaults.responseType = 'buffer'

  return async function get(url, authorization, timeout, signal) {
    let failure: string | undefined
    try {
      const options = new Options(undefined, undefined, defaults)
      options.url = url
      options.headers = bare({ 'user-agent': userAgent, accept: 'application/json', authorization })
      options.timeout = bare({ request: timeout })
      options.signal = signal
      const request = got(undefined, undefined, options) as CancelableRequest<Response<Uint8Array>>
      request.on('downloadProgress', ({ transferred, total = 0 }) => {
        if (Math.max(transferred, total) <= maxAnswerBytes) return
        failure = TOO_LARGE
        request.cancel()
      })
      const { statusCode, headers, body } = await request
      const index = indexOf(headers['influxdb-metaindex'])
      return { status: statusCode, location: headers.location, body, index }
    } catch (error) {
      return { failure: failure ?? failureCode(error) }
    }
  }
}

function indexOf(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
