import type { Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import { VERSION } from '../version.js'
import { type RoleDocument, readRoles } from './documents/role-document.js'
import { readUser, type UserDocument } from './documents/user-document.js'
import { readUsers } from './documents/user-list.js'
import { createTokenEditors, type SubscriptionEditor, type TokenEditor } from './token-editor.js'
import { createAgents } from './wire/agent.js'
import { createDeliver } from './wire/deliver.js'
import type { Answer } from './wire/meta-exchange.js'
import { basicAuthorization } from './wire/node-credentials.js'
import { type MetaCredentials, type MetaTlsOptions, positive } from './wire/options.js'
import { parseNodes } from './wire/origin.js'
import { createRenewal } from './wire/renewal.js'
import { createSend } from './wire/send.js'
import { isNotFound, readAcknowledgement, readFrom, refused } from './wire/verdict.js'

export interface MetaEditorOptions {
  /** The meta nodes, each as `host:port`, IPv6 in brackets. At least one. No other server is ever asked. */
  addresses: readonly string[]

  /** Given: https. Left out: http, and everything travels in the clear. */
  tls?: MetaTlsOptions | undefined

  /** @default none are sent */
  credentials?: MetaCredentials | undefined

  /**
   * Called when a node has refused the bearer token: another token, to try once, or undefined.
   *
   * @default the refusal stands
   */
  renew?: ((rejected: string) => Promise<string | undefined>) | undefined

  /** For one request to one node. @default 30_000 (30 seconds) */
  timeout?: Milliseconds

  /** For connecting to one node. @default 5_000 (5 seconds) */
  connectTimeout?: Milliseconds

  /** An answer longer than this is cut off and refused. @default 268_435_456 (256 MiB) */
  maxAnswerBytes?: number

  /** Called with the names of permissions that are not known here, each time. @default nothing is called */
  unknownPermission?: (name: string) => void
}

/** Whose permissions. */
export type Subject = 'user' | 'role'

/**
 * Reads and changes users, roles and tokens for a person who waits for it. A change is acknowledged, or rejected with an
 * `AuthError` whose `troubleOf` says more: `ERR_NOT_FOUND` if there is no such user or role, `ERR_CONFLICT` if there is
 * one already, `ERR_CREDENTIALS_REJECTED`, `ERR_PRIVILEGE_MISSING`, `ERR_REQUEST_INVALID` for the node's other
 * refusals, `ERR_META_UNAVAILABLE` if no node takes it, `ERR_META_INVALID` for nonsense.
 */
export interface MetaEditor {
  users(): Promise<readonly UserDocument[]>
  /** Undefined if there is none. */
  user(name: string): Promise<UserDocument | undefined>
  roles(): Promise<readonly RoleDocument[]>
  /** Undefined if there is none. */
  role(name: string): Promise<RoleDocument | undefined>

  /**
   * Creates a user, and grants the permissions in the same step if the node can do that: ours can.
   *
   * @returns false if they are still to be granted, see `addPermissions`. Others may have changed the user before that.
   */
  createUser(name: string, password: string, permissions?: Permissions): Promise<boolean>
  changePassword(name: string, password: string): Promise<void>
  createRole(name: string): Promise<void>
  renameRole(name: string, newName: string): Promise<void>
  remove(subject: Subject, name: string): Promise<void>
  addPermissions(subject: Subject, name: string, permissions: Permissions): Promise<void>
  removePermissions(subject: Subject, name: string, permissions: Permissions): Promise<void>
  addUsers(role: string, users: readonly string[]): Promise<void>
  removeUsers(role: string, users: readonly string[]): Promise<void>

  readonly tokens: TokenEditor
  readonly subscriptions: SubscriptionEditor

  /** Closes all connections. */
  close(): void
}

const USER_AGENT = `kapacitor-auth/${VERSION}`

/** @throws TypeError that names the option which is missing or wrong */
export function createMetaEditor(options: MetaEditorOptions): MetaEditor {
  const { addresses, tls, credentials, unknownPermission = () => {} } = options
  const report = { unknown: unknownPermission, scoped: () => {} }
  const nodes = parseNodes(addresses, tls !== undefined)
  const agents = createAgents(tls)
  const signInSecrets = [...secretsOf(credentials)]
  const signIn = createRenewal(credentials, options.renew, (token) => signInSecrets.push(token))
  const send = createSend({
    agents,
    maxAnswerBytes: positive('maxAnswerBytes', options.maxAnswerBytes ?? 256 * 1024 * 1024),
    userAgent: USER_AGENT,
    authorization: signIn.authorization,
    timeout: positive('timeout', options.timeout ?? 30_000),
    connectTimeout: positive('connectTimeout', options.connectTimeout ?? 5_000),
  })
  const deliver = createDeliver(nodes, signIn.renewing(send))

  async function ask<T>(target: string, read: (answer: Answer) => T): Promise<T> {
    const delivered = await deliver({ target, secrets: signInSecrets })
    const { node, answer } = delivered
    const isAnswer = answer.status === 200 || isNotFound(answer, target)
    if (!isAnswer) throw refused(delivered, signInSecrets)
    return readFrom(node, () => read(answer))
  }

  async function answerTo(
    subject: Subject,
    action: string,
    fields: { readonly name: string; readonly [field: string]: unknown },
    password?: string,
  ): Promise<Answer> {
    const secrets = password === undefined ? signInSecrets : [...signInSecrets, password]
    const json = JSON.stringify({ action, [subject]: fields })
    const delivered = await deliver({ target: `/${subject}`, json, secrets })
    const { node, answer, doubtful } = delivered
    if (answer.status < 300) {
      readFrom(node, () => readAcknowledgement(answer))
      return answer
    }
    // The try that was not answered has deleted it
    const isGone = doubtful.length > 0 && isNotFound(answer, `/${subject}`)
    if (action === 'delete' && isGone) return answer
    throw refused(delivered, secrets)
  }

  async function change(...asked: Parameters<typeof answerTo>): Promise<void> {
    await answerTo(...asked)
  }

  async function createUser(name: string, password: string, permissions?: Permissions) {
    const create = (fields: object) =>
      answerTo('user', 'create', { name, password, ...fields }, password)
    if (!permissions || permissions.size === 0) {
      await create({})
      return true
    }
    try {
      return (await create({ permissions: written(permissions) })).isGranted === true
    } catch (error) {
      if (!(error instanceof AuthError) || !isUnknownToOlder(error)) throw error
      await create({})
      return false
    }
  }

  const query = (name: string) => `?name=${encodeURIComponent(name)}`

  return {
    users: () => ask('/user', (answer) => readUsers(answer, report)),
    user: (name) => ask(`/user${query(name)}`, (answer) => readUser(answer, name, report)),
    roles: () => ask('/role', (answer) => readRoles(answer, report)),
    role: (name) =>
      ask(`/role${query(name)}`, (answer) =>
        answer.status === 404
          ? undefined
          : readRoles(answer, report).find((role) => role.name === name),
      ),
    createUser,
    changePassword: (name, password) =>
      change('user', 'change-password', { name, password }, password),
    createRole: (name) => change('role', 'create', { name }),
    renameRole: (name, newName) => change('role', 'change-name', { name, newName }),
    remove: (subject, name) => change(subject, 'delete', { name }),
    addPermissions: (subject, name, permissions) =>
      change(subject, 'add-permissions', { name, permissions: written(permissions) }),
    removePermissions: (subject, name, permissions) =>
      change(subject, 'remove-permissions', { name, permissions: written(permissions) }),
    addUsers: (name, users) => change('role', 'add-users', { name, users }),
    removeUsers: (name, users) => change('role', 'remove-users', { name, users }),
    ...createTokenEditors(deliver, signInSecrets),
    close() {
      agents.http?.destroy()
      agents.https?.destroy()
    },
  }
}

/** How our nodes of older versions refuse permissions in `create`: nothing was done. */
function isUnknownToOlder({ code, message }: AuthError): boolean {
  return code === 'ERR_REQUEST_INVALID' && message.startsWith('"create" takes no "permissions"')
}

/** As the meta API writes them. */
function written(permissions: Permissions): object {
  return Object.fromEntries([...permissions].map(([scope, names]) => [scope, [...names]]))
}

function secretsOf(credentials: MetaCredentials | undefined): readonly string[] {
  switch (credentials?.kind) {
    case 'basic':
      return [
        credentials.password,
        basicAuthorization(credentials.username, credentials.password).slice(6),
      ]
    case 'bearer':
      return [credentials.token]
    case 'node':
      return [credentials.secret]
    default:
      return []
  }
}
