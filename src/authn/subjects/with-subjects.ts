import type { Grant } from '../../authz/grant.js'
import { permissionsWithin } from '../../authz/permissions-within.js'
import type { TokenOwner } from '../../authz/user.js'
import type { RefusedToken } from '../../errors.js'
import { isRefused } from '../../token/refused-token.js'
import { type AccountKey, parseAccountKey } from '../directory/account-key.js'
import type { Account, Directory, Found } from '../directory/directory.js'
import { createTokenAccount } from '../directory/token-account.js'
import { createAnsweredKeys } from './answered-keys.js'
import { createSubjectAccount, permissionsOf } from './subject-account.js'
import type { Subjects } from './subjects.js'

type Subject = Extract<AccountKey, { kind: 'subject' }>
type OwningSubject = Extract<TokenOwner, { kind: 'subject' }>

/**
 * `directory` with accounts for the listed subjects of an identity provider. Their roles are looked up in `directory`,
 * which knows nothing else of them. A token that a subject made is good while the subject is listed and the provider is its
 * issuer, and for what the subject's group and roles hold now.
 *
 * `watch` reports the accounts that a change of a role or of the list concerns.
 */
export function withSubjects(directory: Directory, subjects: Subjects): Directory {
  const answered = createAnsweredKeys()

  async function findSubject(key: string, identity: Subject): Promise<Account | undefined> {
    if (subjects.list.groupOf(identity.subject) === undefined) return undefined
    answered.add(key, identity.roles) // before anything is asked, so that no change is missed meanwhile
    const grants = await grantsOf(identity.roles)
    const group = subjects.list.groupOf(identity.subject)
    return group && createSubjectAccount(identity, group, grants)
  }

  async function findToken(key: string): Promise<Found> {
    const account = await directory.find(key)
    if (!account || isRefused(account)) return account
    const { owner } = account.user
    if (owner?.kind !== 'subject') return account
    answered.add(key, owner.roles ?? [])
    const { list } = subjects
    if (list.groupOf(owner.subject) === undefined) return ownerNotListed(account)
    // Another provider may call somebody else so
    if (!(await subjects.issuers()).includes(owner.issuer)) return ownerNotListed(account)
    return boundedBy(account, owner, await grantsOf(owner.roles ?? []))
  }

  /** The same token with what its owner still holds; or that the owner is not listed any more. */
  function boundedBy(
    account: Account,
    owner: OwningSubject,
    grants: readonly Grant[],
  ): Account | RefusedToken {
    const { list } = subjects
    const group = list.groupOf(owner.subject)
    const key = parseAccountKey(account.user.account ?? '')
    if (group === undefined || key.kind !== 'token') return ownerNotListed(account)
    const stillMapped = grants.filter(({ role }) => role !== undefined && list.isMapped(role))
    const held = permissionsOf(group, stillMapped)
    return createTokenAccount({
      id: account.user.tokenId ?? '',
      digest: key.digest,
      owner,
      permissions: permissionsWithin(account.permissions, held),
      lifetime: account.lifetime,
    })
  }

  /** Without those that there are not. */
  async function grantsOf(roles: readonly string[]): Promise<Grant[]> {
    const found = await Promise.all(
      roles.map(async (role) => ({ role, permissions: await directory.role?.(role) })),
    )
    return found.flatMap(({ role, permissions }) => (permissions ? [{ role, permissions }] : []))
  }

  function watch(listener: (key: string | undefined) => void): () => void {
    const report = (keys: readonly (string | undefined)[] | undefined) => {
      for (const key of keys ?? ANYBODY) listener(key)
    }
    const unwatchList = subjects.watch(() => report(answered.concernedBy()))
    const unwatch = directory.watch?.((key) => {
      const changed = key === undefined ? undefined : parseAccountKey(key)
      if (changed?.kind === 'role') report(answered.concernedBy(changed.name))
      else listener(key)
    })
    return () => {
      unwatchList()
      unwatch?.()
    }
  }

  const { role, ping, reportedUntil } = directory
  return {
    async find(key) {
      const parsed = parseAccountKey(key)
      if (parsed.kind === 'subject') return findSubject(key, parsed)
      return parsed.kind === 'token' ? findToken(key) : directory.find(key)
    },
    checkPassword: (name, password) => directory.checkPassword(name, password),
    watch,
    ...(role && { role: (name) => role.call(directory, name) }),
    ...(ping && { ping: () => ping.call(directory) }),
    // One that reports nothing is asked again, as it is without subjects
    ...((reportedUntil || !directory.watch) && {
      reportedUntil: () => reportedUntil?.call(directory) ?? Number.NEGATIVE_INFINITY,
    }),
  }
}

function ownerNotListed({ user }: Account): RefusedToken {
  return { ...(user.tokenId !== undefined && { id: user.tokenId }), reason: 'owner not listed' }
}

const ANYBODY = [undefined]
