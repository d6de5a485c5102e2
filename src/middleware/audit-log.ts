import { canonicalPath } from '../authz/canonical-path.js'
import { privilegeName } from '../authz/privilege.js'
import { loggedPath } from '../http/logged-path.js'
import { type AuditLogOptions, auditList, auditText, createLineHead } from './audit-line.js'
import type { Asked, Decision } from './decision.js'

/**
 * A listener that writes one line of JSON for each decision.
 *
 * What nobody but this program can choose comes first, in a fixed order: time, event, outcome, error (`code`), client
 * address. A program that reads lines by a pattern, such as fail2ban, is safe if it looks no further. Names and paths, which
 * anybody can choose, come later: as JSON, with everything escaped that would break a line, hide text or steer a
 * terminal, and cut at 256 characters.
 *
 * What could not be read as a request has neither method nor path.
 *
 * A path is canonical, or as it came if it has no canonical form; never with its query, and without what looks like the
 * secrets of a query. Passwords are not looked at; one that somebody types where the name belongs is taken for a name.
 *
 * @param write takes a whole line, with its end
 * @throws TypeError that names an entry of `trustedProxies` which is neither address nor network
 */
export function auditLog(
  write: (line: string) => void,
  options: AuditLogOptions = {},
): (asked: Asked, decision: Decision) => void {
  const lineHead = createLineHead(options)

  return function auditLog(asked, decision) {
    const { door, outcome, code, via, user, claimed, action, databases, statements, age } = decision
    const { issuer, subject, token, owner, reason } = decision
    const { method, url } = asked.req
    let line = lineHead({ event: 'decision', outcome, code, door, via, asked })
    if (user) line += `,"user":${auditText(user)}`
    else if (claimed) line += `,"claimed":${auditText(claimed)}`
    if (issuer !== undefined) line += `,"issuer":${auditText(issuer)}`
    if (subject !== undefined) line += `,"subject":${auditText(subject)}`
    if (token !== undefined) line += `,"token":${auditText(token)}`
    if (owner !== undefined) line += `,"owner":${auditText(owner)}`
    if (reason !== undefined) line += `,"reason":${auditText(reason)}`
    if (method !== undefined) line += `,"method":${auditText(method)}`
    if (url !== undefined) line += `,"path":${auditText(loggedPath(canonicalPath(url) ?? url))}`
    if (action !== undefined) {
      const resource = auditText(loggedPath(action.resource))
      line += `,"action":"${privilegeName(action.privilege)}","resource":${resource}`
    }
    if (databases !== undefined) line += `,"databases":${auditList(databases)}`
    if (statements !== undefined) line += `,"statements":${auditList(statements)}`
    if (age !== undefined) line += `,"age":${Math.round(age)}`
    write(`${line}}\n`)
  }
}
