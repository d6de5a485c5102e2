import type { Context } from 'koa'
import { AuthError } from '../errors.js'
import { concerned } from '../registry/concerned.js'
import type { Store } from '../registry/store/store.js'
import { type Milliseconds, monotonic } from '../time.js'
import type { Caller } from './access.js'
import { type ChangeStream, createChangeStream, type News } from './change-stream.js'

export interface ChangeFeedOptions {
  /** After this time without a change something is sent, so that silence means a dead connection. @default 2_000 */
  heartbeat?: Milliseconds

  /** How often it is checked whether the listener still may listen. @default 10_000 */
  recheck?: Milliseconds

  /** How long a client may take nothing before it is cut off. @default 30_000 */
  patience?: Milliseconds

  /** How many may listen at a time. @default 1_000 */
  max?: number
}

/** Tells clients which users, tokens and roles have changed, as server-sent events (WHATWG HTML §9.2). */
export interface ChangeFeed {
  /**
   * Answers with a stream that begins with what has changed since the state of that mark, and goes on until `close`.
   *
   * @param since a mark as `Store.since` takes it; undefined for the latest state
   * @param caller who asks
   * @param check who the caller is by now; rejects once they may not listen any more, which ends the stream
   * @throws AuthError `ERR_BUSY` if too many listen
   */
  answer(
    ctx: Context,
    since: string | undefined,
    caller: Caller,
    check: () => Promise<Caller>,
  ): Promise<void>

  /** Asks of each listener at once whether they still may listen: who may has changed outside the registry. */
  recheck(): void

  /** How many listen. */
  readonly size: number

  /** Ends all streams at once, and refuses new ones. */
  close(): void
}

export function createChangeFeed(store: Store, options: ChangeFeedOptions = {}): ChangeFeed {
  const { heartbeat = 2_000, recheck = 10_000, patience = 30_000, max = 1_000 } = options
  const streams = new Set<ChangeStream>()
  let closed = false

  const unwatch = store.watch(async (change) => {
    if (streams.size === 0) return
    const keys = store.read((snapshot) => concerned(snapshot, [change]))
    const news = { ...change, keys: await keys.catch(() => undefined) }
    for (const stream of streams) stream.notify(news)
  })

  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  /**
   * Rejects if the registry cannot be read: then its changes are not heard of either, and it must not look as if there were
   * none. One read serves all streams.
   */
  function readable(): Promise<void> | undefined {
    if (monotonic() - readAt < heartbeat / 2) return undefined
    reading ??= store
      .read(() => {
        readAt = monotonic()
      })
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  /** What happened until now, for a new listener. */
  async function newsSince(mark: string | undefined): Promise<News> {
    const { index, mark: latest, changes } = await store.since(mark)
    const keys = changes && (await store.read((snapshot) => concerned(snapshot, changes)))
    return { index, mark: latest, keys }
  }

  return {
    async answer(ctx, since, caller, check) {
      if (closed) throw new AuthError('ERR_BUSY', 'shutting down')
      if (streams.size >= max) throw new AuthError('ERR_BUSY', 'too many streams of changes')
      if (ctx.method === 'HEAD') {
        ctx.type = 'text/event-stream'
        ctx.body = ''
        return
      }
      const stream = createChangeStream(ctx, {
        heartbeat,
        recheck,
        patience,
        caller,
        check,
        alive: readable,
      })
      try {
        streams.add(stream) // first, so that nothing is missed between the two
        const news = await newsSince(since)
        if (closed) throw new AuthError('ERR_BUSY', 'shutting down')
        stream.begin(news, () => streams.delete(stream))
      } catch (error) {
        streams.delete(stream)
        throw error
      }
    },
    recheck() {
      for (const stream of streams) stream.recheck()
    },
    get size() {
      return streams.size
    },
    close() {
      closed = true
      unwatch()
      for (const stream of streams) stream.end()
    },
  }
}
