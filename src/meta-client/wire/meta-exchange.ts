import { type CancelableRequest, got, type Options, type Response } from 'got'
import { failureCode } from './plain-options.js'

/** What a meta node said, whatever the status. */
export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: Uint8Array
  /** How many changes the node knew of (`Influxdb-Metaindex`), if it says. */
  readonly index?: number | undefined
  /** Whether the node says that it has granted what a new user was created with (`X-Kapacitor-Auth-Granted`). */
  readonly isGranted?: boolean
}

/** Why there is no answer: the code of a network, TLS or HTTP error, or `ETIMEDOUT`. */
export interface Failure {
  readonly failure: string
}

/** The code of an answer that was cut off. */
export const TOO_LARGE = 'ERR_ANSWER_TOO_LARGE'

/**
 * Does one request. It never rejects, and nothing of got's errors leaves it but their code: they hold the URL, which
 * holds a password.
 *
 * @param prepare makes the request; what it throws is a failure, too
 * @param codeOf what a failure is called @default got's code
 */
export async function exchange(
  prepare: () => Options | Promise<Options>,
  maxAnswerBytes: number,
  codeOf: (error: unknown) => string = failureCode,
): Promise<Answer | Failure> {
  let isTooLarge = false
  try {
    const request = got(undefined, undefined, await prepare()) as CancelableRequest<
      Response<Uint8Array>
    >
    request.on('downloadProgress', ({ transferred, total = 0 }) => {
      if (Math.max(transferred, total) <= maxAnswerBytes) return
      isTooLarge = true
      request.cancel()
    })
    const { statusCode, headers, body } = await request
    const index = indexOf(headers['influxdb-metaindex'])
    const isGranted = headers['x-kapacitor-auth-granted'] === 'true'
    return { status: statusCode, location: headers.location, body, index, isGranted }
  } catch (error) {
    return { failure: isTooLarge ? TOO_LARGE : codeOf(error) }
  }
}

function indexOf(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
