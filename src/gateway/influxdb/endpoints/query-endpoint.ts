import type { Context, Next } from 'koa'
import { ANYONE, type User } from '../../../authz/user.js'
import { AuthError } from '../../../errors.js'
import { parseParameters } from '../../../influxql/parse.js'
import type { ChangeSource } from '../../../middleware/audit-changes.js'
import { changeSourceOf } from '../../../middleware/described-caller.js'
import { letContinue } from '../../../server/expectation.js'
import { formatOf } from '../answer/format.js'
import { type Banner, setBanner, setRouted } from '../answer/influxdb-headers.js'
import type { Result } from '../answer/result.js'
import type { FirstAdministrator } from '../first-administrator.js'
import { authorizeQuery } from '../query/authorize-query.js'
import { isHandled } from '../query/engine-statements.js'
import {
  type createPrepareQuery,
  isPrepared,
  type PreparedQuery,
  parseErrorText,
} from '../query/prepare-query.js'
import { type Executors, runQuery } from '../query/run-query.js'
import { isUserStatement } from '../query/user-statements.js'
import { queryForm, queryTarget } from '../request/query-form.js'
import { type QueryParameters, readQueryParameters } from '../request/query-parameters.js'
import { setReplacement } from '../request/replacement-of.js'
import type { Caller, Handle, Reply, Subject } from './endpoint.js'

export interface QueryEndpointOptions {
  readonly reply: Reply
  readonly prepareQuery: ReturnType<typeof createPrepareQuery>
  readonly executors: Executors
  readonly firstAdministrator: FirstAdministrator | undefined
  readonly banner: () => Banner
  /** Whether there is an application behind, which answers everything but statements about users. */
  readonly isMiddleware: boolean
  /** Whether changes of retention policies are told, see `EngineStatementsOptions`. */
  readonly isWatched: boolean
}

const FORM_TYPE = 'application/x-www-form-urlencoded'

/**
 * `/query`: the request is read, parsed and authorized as a whole before any of it runs. What goes to InfluxDB is the
 * canonical text of what was authorized; if all of it does, the answer is streamed. Otherwise the statements run one after
 * the other, here or there, and the results are put together here.
 */
export function createQueryEndpoint(options: QueryEndpointOptions): Handle {
  const { reply, prepareQuery, executors, firstAdministrator, banner, isMiddleware, isWatched } =
    options

  return async function query(ctx, caller, next) {
    let parameters: QueryParameters
    letContinue(ctx.req, ctx.res)
    try {
      parameters = await readQueryParameters(ctx.req)
    } catch (error) {
      if (error instanceof AuthError) return reply.refuse(ctx, caller, error)
      throw error
    }
    const prepared = prepare(parameters)
    if (prepared instanceof AuthError) return reply.refuse(ctx, caller, prepared)
    const { user } = caller
    if (!user) return withoutUser(ctx, caller, prepared, parameters)
    const subject = subjectOf(prepared, parameters)
    const { isByPassword } = caller
    const refusal = authorizeQuery(user, prepared, {
      database: parameters.db,
      isByPassword,
    })
    if (refusal) return reply.refuse(ctx, caller, refusal, subject)
    ctx.state.statements = prepared.statements
    ctx.state.parameters = parameters
    if (isMiddleware) return inMiddleware(ctx, caller, user, prepared, parameters, next)
    reply.allow(ctx, caller, subject)
    const isOwn =
      prepared.hasUserStatements ||
      prepared.statements.length === 0 ||
      prepared.statements.some((statement) => isHandled(statement, user, isWatched))
    if (isOwn) return run(ctx, caller, user, prepared, parameters)
    const form = queryForm(prepared.encoded, parameters)
    const { target, body } = queryTarget(ctx.req.method, form, parameters)
    // The client's own body never goes on, not even behind a GET
    const replaced = body === undefined ? 'none' : { bytes: Buffer.from(body), type: FORM_TYPE }
    setReplacement(ctx, { target, body: replaced })
    return next()
  }

  function prepare({ q, params }: QueryParameters): PreparedQuery | AuthError {
    if (q === '') return invalid('missing required parameter "q"')
    const bound = params === '' ? undefined : parseParameters(params)
    if (bound?.error !== undefined) return invalid(bound.error)
    const prepared = prepareQuery(q, bound?.parameters)
    if (isPrepared(prepared)) return prepared
    return invalid(`error parsing query: ${parseErrorText(q, prepared)}`)
  }

  /** Executes all of it here, and answers. */
  async function run(
    ctx: Context,
    caller: Caller,
    user: User,
    { statements }: Pick<PreparedQuery, 'statements'>,
    parameters: QueryParameters,
  ): Promise<void> {
    const { db, rp, nodeId, chunked, chunkSize } = parameters
    const { method } = ctx.req
    const epoch = parameters.epoch || formatOf(ctx.req).epoch
    const run = { db, rp, epoch, nodeId, chunked, chunkSize, method }
    const done = runQuery(statements, user, run, sourceOf(ctx, caller), executors)
    if (parameters.async) {
      done.catch((error: unknown) => ctx.app.emit('error', error, ctx))
      return answer(ctx, undefined, chunked)
    }
    answer(ctx, await done, chunked)
  }

  function answer(ctx: Context, results: readonly Result[] | undefined, chunked: boolean): void {
    const format = formatOf(ctx.req)
    ctx.status = results ? 200 : 204
    setBanner(ctx, banner())
    setRouted(ctx)
    if (results) ctx.body = chunked ? format.chunks(results) : format.results(results)
    ctx.res.setHeader('Content-Type', format.type)
    if (results) return
    ctx.respond = false // Koa would take the type away again
    ctx.res.end()
  }

  /** An application has one `next()`: statements about users stand alone there. */
  async function inMiddleware(
    ctx: Context,
    caller: Caller,
    user: User,
    prepared: PreparedQuery,
    parameters: QueryParameters,
    next: Next,
  ): Promise<unknown> {
    const subject = subjectOf(prepared, parameters)
    const isMixed = prepared.hasUserStatements && !prepared.statements.every(isUserStatement)
    if (isMixed) {
      const says = 'statements about users cannot be mixed with others in one request'
      return reply.refuse(ctx, caller, invalid(says), subject)
    }
    reply.allow(ctx, caller, subject)
    return prepared.hasUserStatements ? run(ctx, caller, user, prepared, parameters) : next()
  }

  /** While there is no administrator. */
  async function withoutUser(
    ctx: Context,
    caller: Caller,
    prepared: PreparedQuery,
    parameters: QueryParameters,
  ): Promise<void> {
    const subject = subjectOf(prepared, parameters)
    const made = await firstAdministrator?.admit(ctx.req, prepared.statements)
    if (made === undefined || made instanceof AuthError) {
      const error =
        made ?? new AuthError('ERR_PRIVILEGE_MISSING', 'error authorizing query: no user provided')
      return reply.refuse(ctx, caller, error, subject)
    }
    reply.allow(ctx, caller, subject)
    const results = await runQuery(
      prepared.statements,
      ANYONE,
      { chunked: parameters.chunked, method: ctx.req.method },
      sourceOf(ctx, caller),
      { ...executors, userStatement: made },
    )
    answer(ctx, results, parameters.chunked)
  }
}

function sourceOf(ctx: Context, { via, user }: Caller): ChangeSource {
  return { asked: ctx, door: 'influxdb', via, user: user?.name, ...changeSourceOf(user) }
}

function subjectOf(
  { kinds, databases, needsDatabase }: PreparedQuery,
  { db }: QueryParameters,
): Subject {
  const isNamed = needsDatabase && db !== '' && !databases.includes(db)
  return { statements: kinds, databases: isNamed ? [...databases, db] : databases }
}

const invalid = (message: string) => new AuthError('ERR_REQUEST_INVALID', message)
