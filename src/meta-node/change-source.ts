import type { Context } from 'koa'
import type { ChangeSource } from '../middleware/audit-changes.js'
import { changeSourceOf } from '../middleware/described-caller.js'
import type { Caller } from './access.js'

/** Where a change comes from, for the audit log. @param isAuthenticated whether callers sign in at all */
export function changeSource(ctx: Context, caller: Caller, isAuthenticated: boolean): ChangeSource {
  const via = caller.kind === 'user' ? (caller.via ?? 'verified') : 'node'
  return {
    asked: ctx,
    door: 'meta',
    via: isAuthenticated ? via : 'off',
    user: caller.kind === 'user' ? caller.name : undefined,
    ...changeSourceOf(caller.kind === 'user' ? caller.user : undefined),
  }
}
