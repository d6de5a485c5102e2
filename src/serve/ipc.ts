import { AuthError, type AuthErrorCode } from '../errors.js'

/** One end of a channel between processes: `process`, a child process, a cluster worker. */
export interface Channel {
  /** Without a callback, a channel whose other end has just died would end this process, too: an `error` nobody hears. */
  send?(message: object, done: (error: Error | null) => void): unknown
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'disconnect' | 'exit', listener: () => void): unknown
}

interface Call {
  readonly call: number
  readonly name: string
  readonly argument: unknown
}

type Answer =
  | { readonly answer: number; readonly value?: unknown }
  | { readonly answer: number; readonly code: AuthErrorCode; readonly message: string }

/** Asks the process at the other end; rejects if it refuses, or ends before it has answered. */
export type Ask = (name: string, argument?: unknown) => Promise<unknown>

export function createAsk(channel: Channel): Ask {
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >()
  let last = 0
  channel.on('message', (message) => {
    if (!isObject(message) || !('answer' in message)) return
    const answer = message as Answer
    const waiter = waiting.get(answer.answer)
    waiting.delete(answer.answer)
    if ('code' in answer) waiter?.reject(new AuthError(answer.code, answer.message))
    else waiter?.resolve(answer.value)
  })
  const end = () => {
    for (const { reject } of waiting.values()) reject(gone())
    waiting.clear()
  }
  channel.once('disconnect', end)
  channel.once('exit', end)

  return (name, argument) =>
    new Promise((resolve, reject) => {
      const call = ++last
      waiting.set(call, { resolve, reject })
      const message: Call = { call, name, argument }
      channel.send?.(message, (error) => {
        if (!error) return
        waiting.delete(call)
        reject(gone())
      })
    })
}

/** Answers what the process at the other end asks. */
export function answerCalls(
  channel: Channel,
  handlers: Readonly<Record<string, (argument: never) => unknown>>,
): void {
  channel.on('message', async (message) => {
    if (!isObject(message) || !('call' in message)) return
    const { call, name, argument } = message as unknown as Call
    try {
      const value = await handlers[name]?.(argument as never)
      channel.send?.({ answer: call, value } satisfies Answer, nobodyAsksAnyMore)
    } catch (error) {
      const known = error instanceof AuthError ? error : undefined
      const code = known?.code ?? 'ERR_INTERNAL'
      const message = known?.message ?? 'internal error'
      channel.send?.({ answer: call, code, message } satisfies Answer, nobodyAsksAnyMore)
    }
  })
}

const nobodyAsksAnyMore = () => {}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const gone = () => new AuthError('ERR_BUSY', 'the process has ended')
