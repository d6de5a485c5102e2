import type { SubscriptionInfo } from '../../meta-client/documents/token-document.js'
import { escaped } from '../../text/printable.js'
import { renderTable, type TableOptions } from '../terminal/table.js'
import { minuteText, usedText } from '../terminal/used-text.js'

/** All of them, in a table. */
export function renderSubscriptions(
  subscriptions: readonly SubscriptionInfo[],
  options: TableOptions,
): string {
  const rows = subscriptions.map((one) => [
    one.id,
    one.database,
    one.policy,
    one.name,
    usedText(one),
    stateOf(one),
  ])
  return renderTable(
    ['ID', 'DATABASE', 'POLICY', 'SUBSCRIPTION', 'LAST USED', 'STATE'],
    rows,
    options,
  )
}

/** One, a line for each fact. */
export function renderSubscription(one: SubscriptionInfo): string {
  const facts: readonly (readonly [string, string])[] = [
    ['id', one.id],
    ['database', one.database],
    ['policy', one.policy],
    ['subscription', one.name],
    ['posts to', one.gateway ?? 'made by hand'],
    ['created', minuteText(one.createdAt)],
    ['last used', usedText(one)],
    ['state', stateOf(one)],
  ]
  return facts.map(([name, value]) => `${name.padEnd(13)} ${escaped(value)}\n`).join('')
}

const stateOf = ({ revokedAt }: SubscriptionInfo) =>
  revokedAt === undefined ? 'valid' : `revoked ${minuteText(revokedAt)}`
