import type { ChangeListener } from '../../meta-node/change-routes.js'
import { reportTokenChange } from '../../meta-node/tokens/report-token-change.js'
import { subscriptionDocument } from '../../meta-node/tokens/token-documents.js'
import type { ChangeReport } from '../../registry/changes/change-report.js'
import type { SubscriptionTokenRegistry } from '../../subscriptions/registry-tokens.js'

/** Whose changes they are in the audit log: those that `[gateway] subscriptions` makes by itself. */
const SOURCE = { via: 'command', command: 'subscriptions' } as const

/** The same registry: each change of a subscription's token is reported. */
export function auditedTokens(
  registry: SubscriptionTokenRegistry,
  onChange: ChangeListener,
): SubscriptionTokenRegistry {
  const report = (change: ChangeReport) => onChange(SOURCE, change)
  return {
    ...registry,
    createSubscriptionToken: (wanted) =>
      reportTokenChange({ change: 'create', subject: 'subscription' }, report, async () => {
        const result = await registry.createSubscriptionToken(wanted)
        return { result, id: result.id, after: subscriptionDocument(result) }
      }),
    revokeSubscriptionToken: (id) =>
      reportTokenChange({ change: 'revoke', subject: 'subscription', id }, report, async () => {
        const result = await registry.revokeSubscriptionToken(id)
        const [before, after] = [result.before, result.after].map(subscriptionDocument)
        return { result, id, before, after }
      }),
  }
}
