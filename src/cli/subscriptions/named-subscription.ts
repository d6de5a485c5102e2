import { AuthError } from '../../errors.js'
import type { SubscriptionInfo } from '../../meta-client/documents/token-document.js'
import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import { escaped } from '../../text/printable.js'

/** @throws AuthError `ERR_NOT_FOUND` if no token has that ID */
export async function namedSubscription(
  editor: SubscriptionEditor,
  id: string,
): Promise<SubscriptionInfo> {
  const found = await editor.get(id)
  if (!found) throw new AuthError('ERR_NOT_FOUND', `subscription token ${id} not found`)
  return found
}

/** A token, for people. */
export const tokenText = (id: string): string => `subscription token ${escaped(id)}`
