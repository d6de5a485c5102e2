import { Options } from 'got'
import type { Milliseconds } from '../../time.js'
import type { Agents } from './agent.js'
import type { Answer, Failure } from './meta-exchange.js'
import { exchange } from './meta-exchange.js'
import { bare, plainOptions } from './plain-options.js'

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
 * cached. It never rejects.
 */
export function createGet({ agents, maxAnswerBytes, userAgent }: GetOptions): Get {
  const defaults = plainOptions(agents)
  defaults.responseType = 'buffer'

  return function get(url, authorization, timeout, signal) {
    return exchange(() => {
      const options = new Options(undefined, undefined, defaults)
      options.url = url
      options.headers = bare({ 'user-agent': userAgent, accept: 'application/json', authorization })
      options.timeout = bare({ request: timeout })
      options.signal = signal
      return options
    }, maxAnswerBytes)
  }
}
