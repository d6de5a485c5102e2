import { monotonic } from '../time.js'
import { VERSION } from '../version.js'
import { readAuthorized } from './ask-authorized.js'
import { createOpenStream } from './changes/open-stream.js'
import {
  type ChangeListener,
  createSubscription,
  type Subscription,
} from './changes/subscription.js'
import { createPermissionReport } from './documents/permission-report.js'
import { type RoleDocument, readRoles } from './documents/role-document.js'
import { readUser, type UserDocument } from './documents/user-document.js'
import { createTokenLookups, type TokenLookups } from './token-lookups.js'
import { createAgents, MAX_SOCKETS } from './wire/agent.js'
import { createAsk } from './wire/ask.js'
import { createAttempt } from './wire/attempt.js'
import { createGet } from './wire/get.js'
import { createAuthorization } from './wire/node-credentials.js'
import { type MetaClientOptions, positive } from './wire/options.js'
import { parseNodes } from './wire/origin.js'

export type { ChangeListener, Subscription } from './changes/subscription.js'
export type { RoleDocument } from './documents/role-document.js'
export type { UserDocument } from './documents/user-document.js'
export type { MetaClientOptions } from './wire/options.js'

const USER_AGENT = `kapacitor-auth/${VERSION}`

/**
 * Asks a meta node. "No" is an answer; every rejection means that the answer is not known and is a 503:
 * `ERR_META_UNAVAILABLE` if no node answered in time, `ERR_META_INVALID` if one answered nonsense.
 * The messages may be shown to anyone; the causes, which name nodes and error codes, to the operator. Neither
 * holds a password, a hash or a token.
 */
export interface MetaClient extends TokenLookups {
  /** The user of exactly that name; undefined if there is none. No request is made for an empty name. */
  user(name: string): Promise<UserDocument | undefined>

  /** All roles. */
  roles(): Promise<readonly RoleDocument[]>

  /**
   * Whether that is the user's password, as the meta node says: for users without a hash. False without a
   * request if either is empty, for an LDAP server may take an empty password for no login at all
   * (RFC 4513 §5.1.2) and say yes.
   */
  authorized(name: string, password: string): Promise<boolean>

  /**
   * Listens to changes, if a meta node pushes them; InfluxDB Enterprise's do not. From then on an answer that is older
   * than the latest change counts as a failure. One subscription at a time: it ends the one before.
   */
  watch(listener: ChangeListener): Subscription

  /** The subscription, if there is one. */
  readonly subscription: Subscription | undefined

  /** Ends what is under way and closes all connections; later questions are rejected. */
  close(): void
}

/**
 * A client for one or several meta nodes of one cluster. No connection is made before the first question.
 *
 * @throws TypeError that names the option which is missing or wrong
 */
export function createMetaClient(options: MetaClientOptions): MetaClient {
  const { tls, maxAnswerBytes = 16 * 1024 * 1024, userAgent = USER_AGENT, log } = options
  const { clock = monotonic } = options
  const nodes = parseNodes(options.addresses, tls !== undefined)
  const agents = createAgents(tls)
  if (tls?.insecureSkipVerify) log?.({ event: 'certificate-unchecked' })
  positive('maxAnswerBytes', maxAnswerBytes)
  const authorization = createAuthorization(options.credentials)
  const attemptTimeout = positive('attemptTimeout', options.attemptTimeout ?? 2_000)
  const silence = positive('silence', options.silence ?? 6_000)
  const open = createOpenStream(agents, userAgent)
  let subscription: Subscription | undefined
  const { ask, close } = createAsk({
    nodes,
    attempt: createAttempt({
      nodes,
      authorization,
      get: createGet({ agents, maxAnswerBytes, userAgent }),
      clock,
    }),
    timeout: positive('timeout', options.timeout ?? 5_000),
    attemptTimeout,
    concurrent: MAX_SOCKETS,
    atLeast: () => subscription?.index,
    log,
    observe: options.observe,
    clock,
    random: options.random,
    sleep: options.sleep,
  })
  const report = createPermissionReport(log)

  return {
    async user(name) {
      if (!isAskable(name)) return undefined
      const query = `?name=${encodeURIComponent(name)}`
      return ask({ path: '/user', query, read: (answer) => readUser(answer, name, report) })
    },
    async roles() {
      return ask({ path: '/role', query: '', read: (answer) => readRoles(answer, report) })
    },
    ...createTokenLookups(ask, report, log),
    async authorized(name, password) {
      if (!isAskable(name) || !isAskable(password)) return false
      const query = `?name=${encodeURIComponent(name)}&password=${encodeURIComponent(password)}`
      return ask({
        path: '/authorized',
        query: `${query}&permission=NoPermissions&resource=_`,
        read: readAuthorized,
      })
    },
    watch(listener) {
      subscription?.close()
      subscription = createSubscription(listener, {
        nodes,
        open,
        authorization,
        attemptTimeout,
        silence,
        log,
        clock,
        random: options.random,
      })
      return subscription
    },
    get subscription() {
      return subscription
    },
    close() {
      subscription?.close()
      close()
      agents.http?.destroy()
      agents.https?.destroy()
    },
  }
}

/** Not empty, and with a spelling in UTF-8: a lone surrogate has none, so that nobody has it in a name. */
function isAskable(text: string): boolean {
  return text !== '' && text.isWellFormed()
}
