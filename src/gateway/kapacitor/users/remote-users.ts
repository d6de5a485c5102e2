import { joinPermissions, type Permissions } from '../../../authz/permission.js'
import { AuthError } from '../../../errors.js'
import type { RoleDocument } from '../../../meta-client/client.js'
import type { MetaEditor } from '../../../meta-client/editor.js'
import { troubleOf } from '../../../meta-client/wire/trouble.js'
import type { UserChange } from '../../../registry/changes/change.js'
import { beyondHeld, beyondUserManager } from '../../../registry/changes/manager-limits.js'
import { NO_GRANTS } from '../../../registry/grants.js'
import { shown } from '../../../text/printable.js'
import { heldBy, type ManagedUser } from './kapacitor-user.js'
import type { ChangeBy, ManagedUsers } from './managed-users.js'
import { newGrants } from './plan-update.js'
import { alreadyExists, ignoreUnknownUser, plannedChanges } from './planned-changes.js'
import { reportRemoteChange } from './report-remote-change.js'
import {
  revokeSubscription,
  subscriptionId,
  subscriptionUser,
  subscriptionUsers,
} from './subscription-users.js'

/**
 * The users of meta nodes over the wire, InfluxDB Enterprise's or ours. What the caller may change is checked here, on what
 * the meta node says just before: it takes every change from the gateway itself.
 */
export function createRemoteUsers(editor: MetaEditor): ManagedUsers {
  async function find(name: string): Promise<ManagedUser | undefined> {
    const [document, roles] = await Promise.all([editor.user(name), editor.roles()])
    if (document) return { name, own: document.permissions, byRoles: grantedBy(roles, name) }
    const id = subscriptionId(name)
    return id === undefined
      ? undefined
      : subscriptionUser(await offered(editor.subscriptions.get(id)))
  }

  const check = (change: UserChange, manager: Parameters<typeof beyondUserManager>[2]) =>
    beyondUserManager({ account }, change, manager)

  async function account(name: string): Promise<{ readonly permissions: Permissions } | undefined> {
    const user = await find(name)
    return user && { permissions: heldBy(user) }
  }

  async function apply(change: UserChange): Promise<void> {
    const { name, action } = change
    switch (action) {
      case 'create':
        return createUser(name, change.password, change.permissions)
      case 'delete':
        return editor.remove('user', name)
      case 'change-password':
        return editor.changePassword(name, change.password)
      case 'add-permissions':
        return editor.addPermissions('user', name, change.permissions)
      case 'remove-permissions':
        return editor.removePermissions('user', name, change.permissions)
    }
  }

  /** In one step at our meta nodes. InfluxDB Enterprise and older versions take two, and others may act in between. */
  async function createUser(name: string, password: string, permissions = NO_GRANTS) {
    if (!(await editor.createUser(name, password, permissions))) await grantNew(name, permissions)
  }

  /** A new user who cannot be granted what they are to hold is removed again: to try again would be refused as taken. */
  async function grantNew(name: string, permissions: Permissions): Promise<void> {
    try {
      await editor.addPermissions('user', name, permissions)
    } catch (error) {
      const isRemoved = await editor
        .remove('user', name)
        .catch(ignoreUnknownUser)
        .then(
          () => true,
          () => false,
        )
      if (isRemoved || !(error instanceof AuthError)) throw error
      const says = `user ${shown(name)} was created, but without permissions, and could not be removed again`
      throw new AuthError('ERR_META_UNAVAILABLE', says, { cause: error })
    }
  }

  /** A change with its line in the audit log. */
  function make(change: UserChange, { manager, report }: ChangeBy): Promise<void> {
    return reportRemoteChange(change, editor, report, async () => {
      const refusal = manager && (await check(change, manager))
      if (refusal) throw refusal
      await ownTrouble(() => apply(change))
    })
  }

  return {
    find: (name) => ownTrouble(() => find(name)),

    async list({ isWanted, offset, limit }) {
      const [documents, roles, tokens] = await ownTrouble(() =>
        Promise.all([editor.users(), editor.roles(), offered(editor.subscriptions.list())]),
      )
      const names = documents.map(({ name, permissions: own }) => ({ name, own }))
      return [...names, ...subscriptionUsers(tokens ?? [])]
        .filter(({ name }) => isWanted(name))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .slice(offset, offset + limit)
        .map((user) =>
          'byRoles' in user ? user : { ...user, byRoles: grantedBy(roles, user.name) },
        )
    },

    async create(user, by) {
      const { name, password } = user
      const permissions = newGrants(user)
      const change = { subject: 'user', action: 'create', name, password, permissions } as const
      await reportRemoteChange(change, editor, by.report, async () => {
        const refusal = by.manager && beyondHeld(permissions, by.manager)
        if (refusal) throw refusal
        await ownTrouble(async () => {
          if (await editor.user(name)) throw alreadyExists()
          await apply(change)
        })
      })
    },

    async update(name, update, by) {
      const user = await ownTrouble(() => find(name))
      for (const change of await plannedChanges(user, name, update, by, check)) {
        await make(change, by)
      }
    },

    async remove(name, by) {
      const isSubscription = (await ownTrouble(() => find(name)))?.isSubscription
      const id = isSubscription ? subscriptionId(name) : undefined
      await (id === undefined
        ? make({ subject: 'user', action: 'delete', name }, by).catch(ignoreUnknownUser)
        : revokeSubscription(id, by, (one) => ownTrouble(() => editor.subscriptions.revoke(one))))
    },

    close: () => editor.close(),
  }
}

function grantedBy(roles: readonly RoleDocument[], name: string): Permissions {
  return joinPermissions(
    roles.filter(({ users }) => users.includes(name)).map(({ permissions }) => permissions),
  )
}

/** What the answer says; undefined from a meta node that has no subscription tokens, such as InfluxDB Enterprise's. */
async function offered<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const trouble = error instanceof AuthError ? troubleOf(error) : undefined
    if (trouble?.kind === 'refused' && trouble.status === 404) return undefined
    throw error
  }
}

/** A meta node that does not let this gateway in has not refused the caller. */
async function ownTrouble<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AuthError) || !OWN.has(error.code)) throw error
    const says = 'users cannot be managed here: the meta node does not let this gateway do it'
    const cause = new Error(`${error.message}; see [auth] meta-username`)
    throw new AuthError('ERR_META_INVALID', says, { cause })
  }
}

const OWN: ReadonlySet<AuthError['code']> = new Set([
  'ERR_CREDENTIALS_REJECTED',
  'ERR_CREDENTIALS_MISSING',
  'ERR_PRIVILEGE_MISSING',
])
