import { PassThrough } from 'node:stream'
import type { Context } from 'koa'
import { parseAccountKey } from '../authn/directory/account-key.js'
import { type Milliseconds, monotonic } from '../time.js'
import type { Caller } from './access.js'
import { INDEX_HEADER } from './answer-headers.js'
import { changeDocument } from './change-document.js'

/** What is sent at once: the state that it leads to, and the accounts that have changed, by their keys; undefined if it may be any. */
export interface News {
  readonly index: number
  readonly mark: string
  readonly keys: ReadonlySet<string> | undefined
}

export interface ChangeStreamOptions {
  readonly heartbeat: Milliseconds
  readonly recheck: Milliseconds
  readonly patience: Milliseconds
  readonly caller: Caller
  /** Who the caller is now; rejects if they may not listen any more. */
  readonly check: () => Promise<Caller>
  /** Rejects while it is unknown whether there is news. */
  readonly alive: () => Promise<void> | undefined
}

/** The stream of one client. */
export interface ChangeStream {
  /** Is sent soon, or with what comes meanwhile if the client is slow. */
  notify(news: News): void

  /** Asks at once, and not only when it is due, who the caller is now. */
  recheck(): void

  /** Answers, with this news first. What came before and is older is dropped. */
  begin(news: News, gone: () => void): void

  /** Ends it at once. */
  end(): void
}

/** What waits for a slow client is joined; beyond this many accounts it becomes "any". */
const MOST_KEYS = 1_000

export function createChangeStream(ctx: Context, options: ChangeStreamOptions): ChangeStream {
  const { heartbeat, recheck, patience, check, alive } = options
  const body = new PassThrough()
  let { caller } = options
  let waiting: News | undefined
  let sent = 0
  let checked = monotonic()
  let timer: NodeJS.Timeout | undefined
  /** Whether something is being written, or checked. */
  let isBusy = true
  /** Whether anything has changed that may concern the caller. */
  let isStale = false
  let ended = false

  function notify(news: News): void {
    waiting = waiting ? together(waiting, news) : news
    void work()
  }

  function recheckSoon(): void {
    isStale = true
    void work()
  }

  /** Checks the caller if anything has changed, and sends what waits, one thing after the other. */
  async function work(): Promise<void> {
    if (isBusy || ended) return
    isBusy = true
    clearTimeout(timer)
    try {
      while ((waiting || isStale) && !ended) {
        if (isStale) await recheckNow()
        const news: News | undefined = waiting
        waiting = undefined
        if (!news || ended) continue
        // A lower one of which anything may have changed: the registry was set back
        if (news.index > sent || !news.keys) await send(news)
      }
    } catch {
      end() // they may not listen any more
    }
    isBusy = false
    rest()
  }

  async function send(news: News): Promise<void> {
    if (!news.keys || isDue() || isConcerned(caller, news.keys)) await recheckNow()
    if (ended) return
    sent = news.index
    await write(textOf(news))
  }

  const isDue = () => monotonic() - checked >= recheck
  async function recheckNow(): Promise<void> {
    isStale = false
    checked = monotonic()
    caller = await check()
  }

  async function write(text: string): Promise<void> {
    if (body.write(text)) return
    const cut = setTimeout(() => ctx.res.destroy(), patience)
    await new Promise<void>((resolve) => {
      const done = () => {
        body.off('drain', done).off('close', done)
        resolve()
      }
      body.on('drain', done).on('close', done)
    })
    clearTimeout(cut)
  }

  function rest(): void {
    if (ended) return
    timer = setTimeout(beat, heartbeat)
  }

  async function beat(): Promise<void> {
    isBusy = true
    try {
      await alive()
      if (isDue()) await recheckNow()
      if (!ended && !waiting) await write(':\n\n')
    } catch {
      end()
    }
    isBusy = false
    if (waiting || isStale) await work()
    else rest()
  }

  function end(): void {
    if (ended) return
    ended = true
    clearTimeout(timer)
    body.end()
    // A client that reads nothing would keep the server from closing
    if (body.writableLength > 0 || ctx.res.writableLength > 0) ctx.res.destroy()
  }

  return {
    notify,
    recheck: recheckSoon,
    begin(news, gone) {
      body.once('close', () => {
        end()
        gone()
      })
      ctx.set('Content-Type', 'text/event-stream')
      ctx.set('Cache-Control', 'no-store')
      ctx.set('X-Accel-Buffering', 'no')
      ctx.set(INDEX_HEADER, String(news.index))
      ctx.body = body
      sent = news.index
      body.write(textOf(news))
      isBusy = false
      void work()
    },
    end,
  }
}

/**
 * Whether the caller may be another one after such a change; a node never is. What a subject or its token holds also depends on
 * roles, of which nobody is a member there.
 */
function isConcerned(caller: Caller, keys: ReadonlySet<string>): boolean {
  if (caller.kind === 'node') return false
  const { user, name } = caller
  if (keys.has(user?.account ?? name)) return true
  const isSubject = user?.kind === 'subject' || user?.owner?.kind === 'subject'
  return isSubject && [...keys].some((key) => parseAccountKey(key).kind === 'role')
}

function textOf({ mark, keys }: News): string {
  return `id: ${mark}\ndata: ${JSON.stringify(changeDocument(keys))}\n\n`
}

function together(first: News, second: News): News {
  const keys = first.keys && second.keys && new Set([...first.keys, ...second.keys])
  return { ...second, keys: keys && keys.size <= MOST_KEYS ? keys : undefined }
}
