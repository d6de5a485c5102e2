import type { AuthErrorCode } from '../errors.js'
import { escaped } from '../text/printable.js'
import { type AuditLogOptions, auditText, createLineHead, MOST, shortened } from './audit-line.js'
import type { Asked, Decision, Door } from './decision.js'

/** Who changes users or roles: by a request, or by a command or the first start on this machine. */
export interface ChangeSource {
  /** The request; undefined for what no request asked for. */
  readonly asked?: Asked | undefined
  readonly door?: Door | undefined
  /** As in decisions; `first-start`, or `command` with the command's name. */
  readonly via: Decision['via'] | 'first-start' | 'command'
  readonly command?: string | undefined
  /** Who it is; undefined where nobody signed in. */
  readonly user?: string | undefined
  /** Who vouches for a provider's subject. */
  readonly issuer?: string | undefined
  /** Whose own token it is. */
  readonly owner?: string | undefined
}

/** What became of a change. Holds no secrets. */
export interface AuditedChange {
  readonly outcome: 'made' | 'unchanged' | 'refused' | 'failed'
  readonly code?: AuthErrorCode | undefined
  /** What was to be done: `add-permissions`, `restore`. */
  readonly change: string
  readonly subject: 'user' | 'role' | 'registry' | 'token' | 'subscription'
  readonly name?: string | undefined
  readonly users?: readonly string[] | undefined
  readonly before?: object | undefined
  readonly after?: object | undefined
}

/**
 * A function that writes one line of JSON for each change of users and roles, made or not: who, from where, by which door,
 * what, whom, before and after. It begins as the lines of `auditLog` do, and what anybody can choose is escaped and cut in the
 * same way. Passwords and hashes are not among what it is given.
 *
 * @param write takes a whole line, with its end
 * @throws TypeError that names an entry of `trustedProxies` which is neither address nor network
 */
export function auditChanges(
  write: (line: string) => void,
  options: AuditLogOptions = {},
): (source: ChangeSource, change: AuditedChange) => void {
  const lineHead = createLineHead(options)

  return function auditChanges({ asked, door, via, command, user, issuer, owner }, made) {
    const { outcome, code, change, subject, name, users, before, after } = made
    let line = lineHead({ event: 'change', outcome, code, door, via, asked })
    if (command !== undefined) line += `,"command":${auditText(command)}`
    if (user) line += `,"user":${auditText(user)}`
    if (issuer !== undefined) line += `,"issuer":${auditText(issuer)}`
    if (owner !== undefined) line += `,"owner":${auditText(owner)}`
    line += `,"change":"${change}","subject":"${subject}"`
    if (name !== undefined) line += `,"name":${auditText(name)}`
    for (const [key, value] of Object.entries({ users, before, after })) {
      if (value !== undefined) line += `,"${key}":${escaped(JSON.stringify(bounded(value)))}`
    }
    write(`${line}}\n`)
  }
}

/** The same, with long texts, lists and objects cut. */
function bounded(value: unknown): unknown {
  if (typeof value === 'string') return shortened(value)
  if (Array.isArray(value)) {
    const more = value.length > MOST ? [`… and ${value.length - MOST} more`] : []
    return [...value.slice(0, MOST).map(bounded), ...more]
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const shown = entries.slice(0, MOST).map(([key, one]) => [shortened(key), bounded(one)] as const)
  return Object.fromEntries(
    entries.length > MOST ? [...shown, ['…', `${entries.length - MOST} more`]] : shown,
  )
}
