import { SUBJECT_PREFIX } from '../../authz/shown-name.js'
import type { TokenOwner } from '../../authz/user.js'
import type { TokenInfo, TokenPermission } from '../../meta-client/documents/token-document.js'
import { formatTime } from '../../text/rfc3339.js'
import type { Milliseconds } from '../../time.js'
import { renderTable, type TableOptions } from '../terminal/table.js'
import { usedText } from '../terminal/used-text.js'
import { listed, named } from '../users/permission-text.js'
import { ALL, ALL_DATABASES } from './token-grants.js'

/** A table of tokens, the oldest first. */
export function renderTokens(
  tokens: readonly TokenInfo[],
  now: Milliseconds,
  options: TableOptions = {},
): string {
  if (tokens.length === 0) return 'There are no tokens.\n'
  const sorted = [...tokens].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))
  const rows = sorted.map((token) => [
    token.id,
    token.description,
    ownerText(token.owner),
    listed(token.permissions.map(grantText)),
    dayOf(token.createdAt),
    usedText(token),
    statusText(token, now),
  ])
  return renderTable(
    ['ID', 'DESCRIPTION', 'OWNER', 'PERMISSIONS', 'CREATED', 'LAST USED', 'STATUS'],
    rows,
    options,
  )
}

/** One token, in a few lines. */
export function renderToken(token: TokenInfo, now: Milliseconds): string {
  const { id, description, owner, permissions, createdAt, expiresAt } = token
  return renderTable(
    ['token', id],
    [
      ['description', description || 'none'],
      ['owner', ownerText(owner)],
      ['permissions', permissions.map(grantText).join(', ') || 'none'],
      ['created', formatTime(createdAt)],
      ['last used', usedText(token)],
      ['expires', expiresAt === undefined ? 'never' : formatTime(expiresAt)],
      ['status', statusText(token, now)],
    ],
  )
}

/** `read telegraf`, `write (all)`, `KapacitorAPI`. */
function grantText({ action, resource }: TokenPermission): string {
  if (action === ALL) return 'all'
  if (resource === ALL_DATABASES) return `${action} (all)`
  return resource === '' ? action : `${action} ${named(resource)}`
}

/** As users and subjects are named everywhere else. */
function ownerText(owner: TokenOwner): string {
  switch (owner.kind) {
    case 'user':
      return named(owner.name)
    case 'subject':
      return SUBJECT_PREFIX + owner.subject
    case 'node':
      return '(node)'
  }
}

function statusText({ expiresAt, revokedAt, unusable }: TokenInfo, now: Milliseconds): string {
  if (revokedAt !== undefined) return `revoked ${dayOf(revokedAt)}`
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) return `expired ${dayOf(expiresAt)}`
  if (unusable !== undefined) return unusable
  return expiresAt === undefined ? 'active' : `active until ${dayOf(expiresAt)}`
}

const dayOf = (time: string) => formatTime(time).slice(0, 10)
