import type { Context } from 'koa'
import type { Decoy } from '../authn/passwords/decoy.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import { AuthError } from '../errors.js'
import { readParameter, requireParameter } from '../middleware/read-parameter.js'
import { readPermission } from '../registry/fields.js'
import type { Registry } from '../registry/registry.js'
import type { Milliseconds } from '../time.js'
import { type Caller, isAuditor, mayRead, mayReadUsers } from './access.js'
import type { Admission } from './admission.js'
import { answerEmpty } from './answer-headers.js'
import { answerInPieces } from './answer-in-pieces.js'
import type { ChangeFeed } from './change-feed.js'
import {
  type Cluster,
  clusterDocument,
  LDAP_DOCUMENT,
  statusDocument,
} from './cluster-documents.js'
import { rolesAnswer, usersAnswer } from './documents.js'
import { judge } from './judge-password.js'
import { readIsByCreation, readNameParameter, readSince } from './read-parameters.js'

export interface ReadRoutesOptions {
  readonly registry: Registry
  readonly admission: Admission
  readonly hasher: PasswordHasher
  readonly decoy: Decoy
  /** How long a client may take nothing of a long answer before it is cut off. */
  readonly patience: Milliseconds
  readonly changes: ChangeFeed | undefined
  readonly version: string
  readonly cluster: (() => Cluster) | undefined
}

/** Handlers of `GET` requests, by path. */
export function createReadRoutes(options: ReadRoutesOptions) {
  const { registry, admission, hasher, decoy, patience, changes, version, cluster } = options

  /** Lets nodes and administrators in, as they are now. */
  function admitReader(ctx: Context): Promise<Caller> {
    return admission.admit(ctx, (callerOf) => readerOf(callerOf))
  }

  /** Lets in who may read users and roles. */
  function admitUserReader(ctx: Context): Promise<Caller> {
    return admission.admit(ctx, (callerOf) => readerOf(callerOf, mayReadUsers))
  }

  /** The meta nodes, for every caller that signs in. */
  async function clusterFor(ctx: Context): Promise<Cluster> {
    await admission.admit(ctx, (callerOf) => callerOf())
    const scheme = ctx.secure ? 'https' : 'http'
    return cluster?.() ?? { self: { address: ctx.host, scheme }, others: [] }
  }

  async function users(ctx: Context): Promise<void> {
    const caller = await admitUserReader(ctx)
    const name = readNameParameter(ctx.url)
    const isByCreation = readIsByCreation(ctx.url)
    const found = await answerInPieces(ctx, registry, patience, (state) =>
      usersAnswer(state, name, { isByCreation, hasHashes: !isAuditor(caller) }),
    )
    if (!found) throw new AuthError('ERR_NOT_FOUND', 'user not found')
  }

  async function roles(ctx: Context): Promise<void> {
    await admitUserReader(ctx)
    const name = readNameParameter(ctx.url)
    const found = await answerInPieces(ctx, registry, patience, (state) => rolesAnswer(state, name))
    if (!found) throw new AuthError('ERR_NOT_FOUND', 'role not found')
  }

  async function authorized(ctx: Context): Promise<void> {
    await admitReader(ctx)
    const refusal = await judge(registry, hasher, decoy, {
      name: requireParameter(ctx.url, 'name'),
      password: requireParameter(ctx.url, 'password'),
      permission: readPermission(requireParameter(ctx.url, 'permission')),
      resource: readParameter(ctx.url, 'resource') ?? '',
    })
    if (refusal) throw refusal
    ctx.body = {}
  }

  async function changeFeed(ctx: Context, feed: ChangeFeed): Promise<void> {
    const { caller, check } = await admission.admit(ctx, async (callerOf) => {
      const check = () => readerOf(callerOf)
      return { caller: await check(), check }
    })
    const since = readSince(ctx.url, ctx.req.headers['last-event-id'])
    await feed.answer(ctx, since, caller, check)
  }

  return {
    '/ping': async (ctx: Context) => {
      await admission.admit(ctx, () => {})
      answerEmpty(ctx)
    },
    '/user': users,
    '/role': roles,
    '/authorized': authorized,
    ...(changes && { '/changes': (ctx: Context) => changeFeed(ctx, changes) }),
    '/status': async (ctx: Context) => {
      ctx.body = statusDocument(await clusterFor(ctx))
    },
    '/show-cluster': async (ctx: Context) => {
      ctx.body = clusterDocument(await clusterFor(ctx), version)
    },
    '/ldap/v1/config': async (ctx: Context) => {
      await admission.admit(ctx, (callerOf) => callerOf())
      ctx.body = LDAP_DOCUMENT
    },
  }
}

async function readerOf(
  callerOf: () => Promise<Caller>,
  may: typeof mayRead = mayRead,
): Promise<Caller> {
  const caller = await callerOf()
  const refusal = may(caller)
  if (refusal) throw refusal
  return caller
}
