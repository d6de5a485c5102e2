import type { Context } from 'koa'
import { refuseOtherSite } from '../../middleware/other-site.js'
import { readBody } from '../../middleware/read-body.js'
import { createCallerTurns } from '../../registry/changes/caller-turns.js'
import type { Caller } from '../access.js'
import { changeSource } from '../change-source.js'
import { type MadeChange, reportTokenChange, type TokenChange } from './report-token-change.js'
import type { TokenRoutesOptions } from './token-routes-options.js'

/** A change that was let in. */
export interface Admitted<T> {
  readonly caller: Caller
  readonly asked: T
  /** The caller as they are now. Rejects with the refusal if they may not make the change any more. */
  readonly callerNow: () => Promise<Caller>
}

/** The way that each change of tokens of either kind goes: it is let in, it is made in turn, and it is reported. */
export interface TokenChangePath {
  /**
   * Lets the caller in as they are when the body has come: holding it back gains nothing.
   *
   * @param allow rejects with the refusal
   */
  admit<T>(
    ctx: Context,
    parse: (body: string) => T,
    allow: (caller: Caller, asked: T) => Promise<void> | void,
  ): Promise<Admitted<T>>

  /**
   * Makes it when it is the caller's turn. A right that is lost while changes wait is lost for those, too.
   *
   * @param work is given the caller as they are then
   */
  make<T>(
    ctx: Context,
    admitted: Admitted<unknown>,
    change: TokenChange,
    work: (caller: Caller) => Promise<MadeChange<T>>,
  ): Promise<T>
}

/** How many changes are under way for one caller, and how many more of theirs may wait. */
export const AT_ONCE = 4
export const WAITING = 256

export function createTokenChangePath({
  admission,
  onChange,
  isAuthenticated,
}: TokenRoutesOptions): TokenChangePath {
  const turns = createCallerTurns(AT_ONCE, WAITING)

  return {
    admit: (ctx, parse, allow) =>
      admission.admit(ctx, async (callerOf) => {
        const foreign = refuseOtherSite(ctx.req.headers)
        if (foreign) throw foreign
        await callerOf()
        const body = await readBody(ctx.req)
        const caller = await callerOf()
        const asked = parse(body)
        await allow(caller, asked)
        async function callerNow(): Promise<Caller> {
          const now = await callerOf()
          await allow(now, asked)
          return now
        }
        return { caller, asked, callerNow }
      }),
    make: (ctx, { caller, callerNow }, change, work) =>
      reportTokenChange(
        change,
        (report) => onChange?.(changeSource(ctx, caller, isAuthenticated), report),
        () =>
          turns.run(caller.kind === 'user' ? caller.name : '', async () => work(await callerNow())),
      ),
  }
}

/** For changes that need no body. */
export const ignoreBody = () => undefined
