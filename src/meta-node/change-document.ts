import { parseAccountKey } from '../authn/directory/account-key.js'

/** The fields of an event, by the kind of account that has changed. */
const FIELD = {
  user: 'users',
  token: 'tokens',
  subscription: 'subscriptions',
  role: 'roles',
  subject: undefined, // subjects are not kept in a registry
} as const

/**
 * What an event of `GET /changes` says: `{"users":["ann"],"tokens":[digest]}`; `{"all":true}` if it may be anybody. Older
 * clients know users only, and are always told of them, be there none.
 *
 * @param keys of accounts (`account-key.ts`)
 */
export function changeDocument(keys: ReadonlySet<string> | undefined): object {
  if (!keys) return { all: true }
  const document: { users: string[]; [field: string]: string[] } = { users: [] }
  for (const key of keys) {
    const account = parseAccountKey(key)
    const field = FIELD[account.kind]
    if (field === undefined) continue
    const list = document[field] ?? []
    list.push('digest' in account ? account.digest : 'name' in account ? account.name : '')
    document[field] = list
  }
  return document
}
