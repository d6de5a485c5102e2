import { Options, TimeoutError } from 'got'
import type { Milliseconds } from '../../time.js'
import type { Agents } from './agent.js'
import type { Answer, Failure } from './meta-exchange.js'
import { exchange } from './meta-exchange.js'
import { bare, failureCode, plainOptions } from './plain-options.js'

/** No connection in time: the request was not sent. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT'

export interface SendOptions {
  readonly agents: Agents
  readonly maxAnswerBytes: number
  readonly userAgent: string
  /** The `Authorization` header, if there is one. */
  readonly authorization: () => Promise<string | undefined>
  /** For a whole request. */
  readonly timeout: Milliseconds
  /** For finding the host, connecting, and the TLS handshake, each. */
  readonly connectTimeout: Milliseconds
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** One request. It never rejects. @param method @default POST with JSON, GET without */
export type Send = (url: string, json?: string, method?: Method) => Promise<Answer | Failure>

/** The phases of a request in which nothing of it has been sent. */
const BEFORE_SENDING = ['lookup', 'connect', 'secureConnect']

/** A function for one request, for somebody who waits for it: nothing is retried, no redirect is followed. */
export function createSend(options: SendOptions): Send {
  const { agents, maxAnswerBytes, userAgent, authorization, timeout, connectTimeout } = options
  const defaults = plainOptions(agents)
  defaults.responseType = 'buffer'
  const connecting = { lookup: connectTimeout, connect: connectTimeout }

  return function send(url, json, method = json === undefined ? 'GET' : 'POST') {
    return exchange(
      async () => {
        const request = new Options(undefined, undefined, defaults)
        request.url = url
        request.timeout = bare({ ...connecting, secureConnect: connectTimeout, request: timeout })
        request.headers = bare({
          'user-agent': userAgent,
          accept: 'application/json',
          authorization: await authorization(),
          'content-type': json === undefined ? undefined : 'application/json',
        })
        request.method = method
        if (json !== undefined) request.body = json
        return request
      },
      maxAnswerBytes,
      codeOf,
    )
  }
}

function codeOf(error: unknown): string {
  const isUnsent = error instanceof TimeoutError && BEFORE_SENDING.includes(error.event)
  return isUnsent ? CONNECT_TIMEOUT : failureCode(error)
}
