import { vi } from 'vitest'
import { type Authentication, createAuthenticator } from '../../src/authn/authenticator.js'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import type { Credentials } from '../../src/authn/credentials.js'
import { createAccount } from '../../src/authn/directory/account.js'
import type { Account, Directory } from '../../src/authn/directory/directory.js'
import { createPasswordCheck } from '../../src/authn/passwords/password-check.js'
import type { TokenCheck } from '../../src/authn/token-check.js'
import type { Permissions } from '../../src/authz/permission.js'
import { createFakeHasher, fakeHash } from './fake-hasher.js'
import { settle } from './manual-clock.js'
import { unavailable } from './manual-directory.js'

/** Moments are ordered by step; several may share a time. */
export interface Moment { readonly step: number; readonly time: number }

/** A user as they were for a while; without account: there was none. */
export interface Version { readonly account: Account | undefined; readonly password: string | undefined; readonly since: Moment; until: Moment }

/** A question to the directory. `password` for the question about one. */
export interface Asked {
  readonly name: string
  readonly password?: string | undefined
  readonly since: Moment
  until: Moment
  /** What it said; undefined if it could not tell. */
  answer?: { readonly account: Account | undefined } | { readonly right: boolean }
}

export interface SignedIn { readonly credentials: Credentials; readonly name: string; readonly password: string | undefined; readonly since: Moment; until: Moment; outcome?: Authentication | Error }

export interface WorldOptions { watch: boolean; digest: boolean; expiration: number }

export const LOOKUP_INTERVAL = 1_000
export const INTERVAL = 10_000
/** After this time the directory's client gives up. */
export const DEADLINE = 5_000

const NEVER: Moment = { step: Number.POSITIVE_INFINITY, time: Number.POSITIVE_INFINITY }

/** Tokens that say whose they are. */
const tokens: TokenCheck = {
  remembered: (token) => ({ username: token, expiresAt: NEVER.time }),
  verify: async (token) => ({ username: token, expiresAt: NEVER.time }),
}

/**
 * Everything around an authenticator, with a record of all that happened. Time is that of vitest's fake timers, which
 * must be on for `setTimeout`, `clearTimeout` and `performance`.
 */
export function createFakeWorld({ watch, digest, expiration }: WorldOptions) {
  let step = 0
  const moment = (): Moment => ({ step: step++, time: performance.now() })
  const versions = new Map<string, Version[]>()
  const lookups: Asked[] = []
  const checks: Asked[] = []
  const signIns: SignedIn[] = []
  /** When names were forgotten; all of them without a name. */
  const purges: { name: string | undefined; at: Moment }[] = []
  const outages: { since: Moment; until: Moment }[] = []
  const waiting: (() => void)[] = []
  const listeners: ((name: string | undefined) => void)[] = []
  let outage: 'refuses' | 'is silent' | undefined
  let held = false

  const current = (name: string) => versions.get(name)?.at(-1)

  /** The directory answers with what was so when it was asked, sooner or later or not at all. */
  function reply<T>(asked: Asked, answer: NonNullable<Asked['answer']>, value: T): Promise<T> {
    const { promise, resolve, reject } = withResolvers<T>()
    const timer = setTimeout(() => done(false), DEADLINE)
    const done = (ok: boolean) => {
      if (asked.until !== NEVER) return
      clearTimeout(timer)
      asked.until = moment()
      if (ok) asked.answer = answer
      if (ok) resolve(value)
      else reject(unavailable())
    }
    const silent = outage === 'is silent'
    if (outage === 'refuses') done(false)
    else if (held || silent) waiting.push(() => done(outage === undefined && !silent))
    else done(true)
    return promise
  }

  const directory: Directory = {
    find(name) {
      const asked: Asked = { name, since: moment(), until: NEVER }
      lookups.push(asked)
      const account = current(name)?.account
      return reply(asked, { account }, account)
    },
    checkPassword(name, password) {
      const asked: Asked = { name, password, since: moment(), until: NEVER }
      checks.push(asked)
      const right = current(name)?.password === password
      return reply(asked, { right }, right)
    },
  }
  if (watch) {
    directory.watch = (listener) => {
      listeners.push(listener)
      return () => {}
    }
  }

  const now = () => performance.now()
  const hasher = createFakeHasher()
  const cache = createCredentialCache(directory, { now, expiration, revalidateInterval: INTERVAL, lookupInterval: LOOKUP_INTERVAL, patience: 1_000 })
  const passwords = createPasswordCheck(directory, hasher, { now, digest, bcryptCost: 4, revalidateInterval: INTERVAL, expiration })
  const authenticator = createAuthenticator({ cache, passwords, tokens })

  function become(name: string, account: Account | undefined, password: string | undefined): void {
    const since = moment()
    const before = current(name)
    if (before) before.until = since
    const list = versions.get(name) ?? []
    versions.set(name, [...list, { account, password, since, until: NEVER }])
    for (const listener of listeners) {
      listener(name)
      purges.push({ name, at: moment() })
    }
  }

  function start(credentials: Credentials, name: string, password?: string): void {
    const record: SignedIn = { credentials, name, password, since: moment(), until: NEVER }
    signIns.push(record)
    const end = (outcome: Authentication | Error) => void Object.assign(record, { outcome, until: moment() })
    const header = `${credentials.kind} ${name} ${password}`
    const answer = authenticator.recall?.(header) ?? authenticator.authenticate(credentials, header)
    if (answer instanceof Promise) answer.then(end, end)
    else end(answer)
  }

  const world = {
    versions, lookups, checks, signIns, purges, outages, cache, hasher,
    options: { watch, digest, expiration },

    /** Creates a user, or gives them another password. Without hash, only the directory knows it. */
    setPassword(name: string, password: string, hash = true) {
      const permissions = current(name)?.account?.permissions ?? new Map()
      become(name, createAccount(name, hash ? fakeHash(password, 4) : '', permissions), password)
    },
    setPermissions(name: string, permissions: Permissions) {
      const { account, password } = current(name) ?? {}
      if (account) become(name, createAccount(name, account.hash, permissions), password)
    },
    remove: (name: string) => become(name, undefined, undefined),

    signIn: (name: string, password: string) => start({ kind: 'password', name, password }, name, password),
    bearer: (name: string) => start({ kind: 'bearer', token: name }, name),

    forget(name?: string) {
      authenticator.forget(name)
      purges.push({ name, at: moment() })
    },

    outage(kind: 'refuses' | 'is silent' | undefined) {
      const last = outages.at(-1)
      if (last?.until === NEVER) last.until = moment()
      if (kind) outages.push({ since: moment(), until: NEVER })
      outage = kind
    },
    hold(on: boolean) {
      held = on
      if (!on) world.answer(waiting.length)
    },
    answer(count: number) {
      for (const answer of waiting.splice(0, count)) answer()
    },
    async pass(ms: number) {
      await vi.advanceTimersByTimeAsync(ms)
      await settle()
    },
    /** All is well again, and everybody gets an answer. */
    async finish() {
      world.outage(undefined)
      world.hold(false)
      hasher.release()
      await world.pass(4 * DEADLINE)
    },
  }
  return world
}

export type FakeWorld = ReturnType<typeof createFakeWorld>

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
