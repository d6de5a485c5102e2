import type { Context } from 'koa'
import { AuthError } from '../errors.js'
import type { Decision, DecisionListener } from '../middleware/decision.js'
import { describedCaller } from '../middleware/described-caller.js'
import { claimedName, outcomeOf } from '../middleware/report.js'
import type { Caller } from './access.js'

/** Decides whether a request is let in, and reports the decision. */
export interface Admission {
  /**
   * Lets a request in: `decide` finds out who calls and whether they may, and rejects with the refusal. One decision is
   * reported, whichever it is; what happens later is not part of it.
   *
   * @param decide is given the function that finds out who calls
   */
  admit<T>(ctx: Context, decide: (caller: () => Promise<Caller>) => Promise<T> | T): Promise<T>
}

export interface AdmissionOptions {
  /** Who calls; rejects with the refusal. Undefined: everybody is taken for a node, and may do everything. */
  readonly authenticate: ((ctx: Context) => Promise<Caller>) | undefined

  /** Refuses what nobody needs to be asked about. */
  readonly screen: (ctx: Context) => AuthError | undefined

  readonly onDecision: DecisionListener | undefined
}

const NODE: Caller = { kind: 'node' }

export function createAdmission({ authenticate, screen, onDecision }: AdmissionOptions): Admission {
  function report(
    ctx: Context,
    caller: Caller | undefined,
    via: Decision['via'],
    refusal: AuthError | undefined,
  ): void {
    const known = caller?.kind === 'user' ? caller : undefined
    const user = known?.name
    onDecision?.(ctx, {
      door: 'meta',
      outcome: outcomeOf(refusal),
      code: refusal?.code,
      via,
      user,
      claimed: user ?? claimedName(ctx),
      ...describedCaller(known?.user ?? refusal),
      action: undefined,
      age: undefined,
    })
  }

  return {
    async admit(ctx, decide) {
      let known: Caller | undefined
      let isAsked = false
      let via: 'remembered' | 'verified' | undefined
      async function callerOf(): Promise<Caller> {
        isAsked = true
        known = undefined // it may be another one by now, or nobody
        const caller = authenticate ? await authenticate(ctx) : NODE
        if (caller.kind === 'user') {
          via ??= caller.via ?? 'verified' // asked again, everybody is remembered
          ctx.state.user = { name: caller.name } // for the access log
        }
        known = caller.kind === 'user' && via ? { ...caller, via } : caller
        return known
      }
      try {
        const refusal = screen(ctx)
        if (refusal) throw refusal
        const result = await decide(callerOf)
        report(ctx, known, isAsked ? viaOf(known, authenticate) : 'open', undefined)
        return result
      } catch (error) {
        const refusal =
          error instanceof AuthError ? error : new AuthError('ERR_INTERNAL', 'internal error')
        report(ctx, known, known ? viaOf(known, authenticate) : 'none', refusal)
        throw error
      }
    },
  }
}

function viaOf(caller: Caller | undefined, authenticate: unknown): Decision['via'] {
  if (!authenticate) return 'off'
  return caller?.kind === 'user' ? (caller.via ?? 'verified') : 'node'
}
