import { AuthError, type AuthErrorCode } from '../../errors.js'
import type { Milliseconds } from '../../time.js'

/** One end of a channel between processes: `process`, a child process. */
export interface Channel {
  /** Without a callback, a channel whose other end has just died would end this process, too: an `error` event without a listener. */
  send?(message: object, done: (error: Error | null) => void): unknown
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'disconnect' | 'exit', listener: () => void): unknown
}

/** What may be called in the process at the other end. Arguments and results are plain data that survives JSON. */
export type Calls = { readonly [name: string]: (argument: never) => unknown }

interface Request {
  readonly call: number
  readonly name: string
  readonly argument: unknown
}

type Answer =
  | { readonly answer: number; readonly value?: unknown }
  | { readonly answer: number; readonly code: AuthErrorCode; readonly message: string }

/**
 * Calls `name` in the process at the other end.
 *
 * Rejects with the `AuthError` with which that process refuses, and with `ERR_BUSY` if it has not answered after
 * `timeout`, or has ended.
 */
export type Caller<C extends Calls> = <N extends keyof C & string>(
  name: N,
  argument: Parameters<C[N]>[0],
  timeout: Milliseconds,
) => Promise<Awaited<ReturnType<C[N]>>>

/** A call that has no answer yet. */
interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

export function createCaller<C extends Calls>(channel: Channel): Caller<C> {
  const pending = new Map<number, Pending>()
  let last = 0

  channel.on('message', (message) => {
    if (!isObject(message) || !('answer' in message)) return
    const answer = message as Answer
    const one = pending.get(answer.answer)
    if ('code' in answer) one?.reject(new AuthError(answer.code, answer.message))
    else one?.resolve(answer.value)
  })
  const end = () => {
    for (const { reject } of pending.values()) reject(ended())
  }
  channel.once('disconnect', end)
  channel.once('exit', end)

  async function call(name: string, argument: unknown, timeout: Milliseconds): Promise<unknown> {
    const number = ++last
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise((resolve, reject) => {
        pending.set(number, { resolve, reject })
        timer = setTimeout(() => reject(silent()), timeout)
        const request: Request = { call: number, name, argument }
        if (!channel.send) return reject(ended())
        channel.send(request, (error) => error && reject(ended()))
      })
    } finally {
      clearTimeout(timer)
      pending.delete(number)
    }
  }
  return call as Caller<C>
}

/**
 * Answers what the process at the other end calls.
 *
 * @param onError called with what is not an `AuthError`; the other process only learns of an internal error
 */
export function answerCalls(
  channel: Channel,
  calls: Calls,
  onError: (error: unknown) => void = () => {},
): void {
  async function answerTo({ call: answer, name, argument }: Request): Promise<Answer> {
    try {
      return { answer, value: await calls[name]?.(argument as never) }
    } catch (error) {
      if (error instanceof AuthError) return { answer, code: error.code, message: error.message }
      onError(error)
      return { answer, code: 'ERR_INTERNAL', message: 'internal error' }
    }
  }

  channel.on('message', async (message) => {
    if (!isObject(message) || !('call' in message)) return
    channel.send?.(await answerTo(message as Request), ignore)
  })
}

/** The process that asked has ended. */
const ignore = () => {}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const ended = () => new AuthError('ERR_BUSY', 'the process has ended')
const silent = () => new AuthError('ERR_BUSY', 'the process does not answer')
