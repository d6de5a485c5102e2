import type { IncomingMessage } from 'node:http'
import { ADMIN_PERMISSIONS } from '../../authz/permission.js'
import { AuthError } from '../../errors.js'
import { isLoopback } from '../../http/loopback.js'
import type { Statement } from '../../influxql/ast/statement.js'
import type { Logger } from '../../log/logger.js'
import { type ChangeListener, reportUserStatement } from './query/report-user-statement.js'
import type { Executors } from './query/run-query.js'
import { DONE, failed, type StatementOutcome } from './query/statement-result.js'
import { passwordFault, type UserStatement } from './query/user-statements.js'
import type { UserAdministration } from './users/user-administration.js'

/** What a store without administrator lets a caller do. */
export type Stage = 'no users' | 'no administrator' | 'normal'

/** The first administrator is made by a query, as InfluxDB does it. */
export interface FirstAdministrator {
  /** Where we are: known at once when it is normal, which it remains. */
  stage(): Stage | Promise<Stage>

  /**
   * Whether this query, sent without any proof, may be run, and by whom; the refusal if not.
   *
   * @returns undefined if there are users, but no administrator: nobody may do anything then
   */
  admit(
    req: IncomingMessage,
    statements: readonly Statement[],
  ): Promise<Executors['userStatement'] | AuthError | undefined>
}

export interface FirstAdministratorOptions {
  readonly users: UserAdministration
  readonly passwordMinLength: number
  /** Whether only callers on this machine may make it. */
  readonly isLoopbackOnly: boolean
  readonly logger: Logger | undefined
  readonly report: ChangeListener | undefined
}

const REFUSAL = 'error authorizing query: create admin user first or disable authentication'

export function createFirstAdministrator(options: FirstAdministratorOptions): FirstAdministrator {
  const { users, passwordMinLength, isLoopbackOnly, logger, report } = options
  let isNormal = false
  let asking: Promise<Stage> | undefined

  async function ask(): Promise<Stage> {
    const { hasUsers, hasAdministrator } = await users.census()
    isNormal ||= hasAdministrator
    if (isNormal) return 'normal'
    return hasUsers ? 'no administrator' : 'no users'
  }

  async function create(statement: UserStatement): Promise<StatementOutcome> {
    if (statement.kind !== 'CREATE USER') return failed('not executed')
    const { name, password } = statement
    if (name === '') return failed('username required')
    const problem = passwordFault(password, passwordMinLength)
    if (problem !== undefined) return failed(problem)
    const isMade = await users.createFirstUser(name, password, ADMIN_PERMISSIONS)
    if (!isMade) return failed('user already exists')
    isNormal = true
    logger?.info({ user: name }, 'the first administrator has been created by a query')
    return DONE
  }

  return {
    stage() {
      if (isNormal) return 'normal'
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return asking
    },
    async admit(req, statements) {
      if ((await this.stage()) !== 'no users') return undefined
      const [first, ...others] = statements
      const isRight = first?.kind === 'CREATE USER' && first.admin && others.length === 0
      if (!isRight) return new AuthError('ERR_PRIVILEGE_MISSING', REFUSAL)
      if (isLoopbackOnly && !isFromThisMachine(req)) {
        const says =
          'the first administrator may be created from this machine only ([meta] first-admin-from)'
        logger?.warn({ client: req.socket.remoteAddress }, says)
        return new AuthError('ERR_PRIVILEGE_MISSING', REFUSAL)
      }
      return (statement, source) =>
        reportUserStatement(statement, users, create, (change) => report?.(source, change))
    },
  }
}

/** A proxy on this machine sends for others: what it says of them makes a request theirs. */
const PROXIED = /^(?:forwarded|via|x-real-ip|x-forwarded-.+)$/i

function isFromThisMachine({ socket, rawHeaders }: IncomingMessage): boolean {
  const isProxied = rawHeaders.some((text, index) => index % 2 === 0 && PROXIED.test(text))
  return isLoopback(socket.remoteAddress ?? '') && !isProxied
}
