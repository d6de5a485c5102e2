import { canonicalPath } from '../authz/canonical-path.js'
import { privilegeName } from '../authz/privilege.js'
import { createClientAddress } from '../http/client-address.js'
import { loggedPath } from '../http/logged-path.js'
import { escaped } from '../text/printable.js'
import type { Asked, Decision } from './decision.js'

export interface AuditLogOptions {
  /** Addresses and networks of proxies in front, whose `X-Forwarded-For` is believed. @default [] (nobody) */
  trustedProxies?: readonly string[]

  /** The time, in milliseconds since 1970. @default `Date.now` */
  now?: () => number
}

/** The longest name, path and resource shown, in UTF-16 units. What is longer ends in `…` behind as many. */
const LONGEST = 256

/**
 * A listener that writes one line of JSON for each decision.
 *
 * What nobody but we can choose stands first, in a fixed order: time, event, outcome, reason (`code`), client address.
 * A program that reads lines by a pattern, such as fail2ban, is safe if it looks no further. Names and paths, which
 * anybody can choose, come later: as JSON, with everything escaped that would break a line, hide text or steer a
 * terminal, and cut at 256 characters.
 *
 * What could not be read as a request has neither method nor path.
 *
 * A path is canonical, or as it came if it has no canonical form; never with its query, and without what looks like
 * one's secrets. No password is ever looked at; one that somebody types where the name belongs is taken for a name.
 *
 * @param write takes a whole line, with its end
 * @throws TypeError that names an entry of `trustedProxies` which is neither address nor network
 */
export function auditLog(
  write: (line: string) => void,
  options: AuditLogOptions = {},
): (asked: Asked, decision: Decision) => void {
  const { trustedProxies = [], now = Date.now } = options
  const clientAddress = createClientAddress(trustedProxies)

  return function auditLog({ req, state }, { outcome, code, via, user, claimed, action, age }) {
    const { method, url } = req
    const { client, proxy } = clientAddress(req)
    const { requestId } = state
    let line = `{"time":"${new Date(now()).toISOString()}","event":"decision","outcome":"${outcome}"`
    if (code !== undefined) line += `,"code":"${code}"`
    if (client !== undefined) line += `,"client":"${client}"`
    if (proxy !== undefined) line += `,"proxy":"${proxy}"`
    if (requestId !== undefined) line += `,"requestId":${text(requestId)}`
    line += `,"via":"${via}"`
    if (user) line += `,"user":${text(user)}`
    else if (claimed) line += `,"claimed":${text(claimed)}`
    if (method !== undefined) line += `,"method":${text(method)}`
    if (url !== undefined) line += `,"path":${text(loggedPath(canonicalPath(url) ?? url))}`
    if (action !== undefined) {
      line += `,"action":"${privilegeName(action.privilege)}","resource":${text(loggedPath(action.resource))}`
    }
    if (age !== undefined) line += `,"age":${Math.round(age)}`
    write(`${line}}\n`)
  }
}

/** Text that JSON writes as it stands. */
const PLAIN = /^[ !#-[\]-~]*$/

function text(value: string): string {
  const shown = value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value
  return PLAIN.test(shown) ? `"${shown}"` : escaped(JSON.stringify(shown))
}
