import { Options } from 'got'
import type { Agents } from './agent.js'

/** Got's options for one request over kept connections: no redirect is followed, nothing is retried, decompressed or cached. */
export function plainOptions(agents: Agents): Options {
  const options = new Options()
  options.agent = bare({ ...agents })
  options.retry = bare({
    limit: 0,
    methods: [],
    statusCodes: [],
    errorCodes: [],
    calculateDelay: () => 0,
  })
  options.followRedirect = false
  options.throwHttpErrors = false
  options.decompress = false
  return options
}

/**
 * Without a prototype: got reads its options with `for…in`, and would take a `username` that someone has put
 * on `Object.prototype` for Basic credentials. For the same reason got is given an `Options`, whose fields are
 * set one by one, and never a plain object.
 */
export function bare<T extends object>(object: T): T {
  return Object.assign(Object.create(null), object)
}

/** What got's errors are reduced to: the rest of them holds the URL, which holds a password. */
export function failureCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'ERR_REQUEST_FAILED'
}
