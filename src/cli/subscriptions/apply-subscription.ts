import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import {
  createSubscription,
  type LeftSubscription,
  type NewSubscription,
  type TokenMaker,
} from '../../subscriptions/create-subscription.js'
import { metaNodeTokenMaker } from '../../subscriptions/meta-node-tokens.js'
import { InfluxdbRefusal } from '../../subscriptions/subscribed-influxdb.js'
import type { MetaFlags } from '../sign-in/meta-flags.js'
import { askInfluxdb } from './ask-influxdb.js'

export interface AppliedSubscription extends Omit<NewSubscription, 'token'> {
  /** Undefined for one that is made by hand. */
  readonly gateway: string | undefined
  /** The ID of the token of the one whose place it takes. */
  readonly replacedToken?: string | undefined
}

/**
 * Makes a subscription in InfluxDB with a token of its own. A token that nobody can use any more is revoked again.
 *
 * @returns what is left of those whose place it takes
 * @throws AuthError why it was not made, and what became of its token
 */
export function applySubscription(
  wanted: AppliedSubscription,
  editor: SubscriptionEditor,
  flags: MetaFlags,
): Promise<readonly LeftSubscription[]> {
  const { name, gateway, replacedToken } = wanted
  const tokens = rememberingTokens(metaNodeTokenMaker(editor))
  return askInfluxdb(flags, async (influxdb) => {
    try {
      const left = await createSubscription(wanted, gateway, { influxdb, tokens })
      if (left !== undefined) return left
    } catch (error) {
      const isUnknown = !(error instanceof InfluxdbRefusal)
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
      const says = [error, cause].flatMap((one) => (one instanceof Error ? one.message : []))
      const token = tokens.made()
      if (token !== undefined && isUnknown && replacedToken !== undefined) {
        // It may be what InfluxDB posts with by now
        throw new Error(
          `${says.join(': ')}; it is not known whether "${name}" was made. If SHOW SUBSCRIPTIONS shows it, run ${dropCommand(replacedToken)}, otherwise ${revokeCommand(token)}`,
        )
      }
      if (token !== undefined && isUnknown) await tokens.revoke(token)
      const hint = isUnknown ? `; if SHOW SUBSCRIPTIONS shows "${name}" all the same, drop it` : ''
      throw new Error(says.join(': ') + fateOf(tokens) + (token === undefined ? '' : hint))
    }
    throw new Error(
      `there is a subscription "${name}" already: rotate or delete it${fateOf(tokens)}`,
    )
  })
}

/** The command that revokes a token. */
export const revokeCommand = (id: string): string =>
  `kapacitor-auth subscription delete ${id} --yes`

/** The command that drops the subscription of a token, too. */
export const dropCommand = (id: string): string =>
  `kapacitor-auth subscription delete ${id} --apply --yes`

/** What became of a token that was made for nothing, in words. */
export function fateOf({ made, isRevoked }: ReturnType<typeof rememberingTokens>): string {
  const id = made()
  if (id === undefined) return ''
  return isRevoked()
    ? `; the new token ${id} is revoked again`
    : `; the new token ${id} could not be revoked, run ${revokeCommand(id)}`
}

/** The same, for one token: it is remembered, and a token that cannot be revoked does not hide why it should be. */
export function rememberingTokens(tokens: TokenMaker) {
  let made: string | undefined
  let isRevoked = false
  return {
    async create(wanted: Parameters<TokenMaker['create']>[0]) {
      const token = await tokens.create(wanted)
      made = token.id
      return token
    },
    async revoke(id: string) {
      isRevoked = await tokens.revoke(id).then(
        () => true,
        () => false,
      )
    },
    made: () => made,
    isRevoked: () => isRevoked,
  }
}
