import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import { type Bearer, bearerOf, NO_BEARER } from './bearer.js'
import { type LoginStore, OVER, type WritableLogin } from './cache/login-store.js'
import type { TokenSet } from './provider/token-set.js'

export interface LoginSessionOptions {
  readonly store: LoginStore
  /** New tokens for a refresh token; undefined if the login is over. */
  readonly refresh: (refreshToken: string) => Promise<TokenSet | undefined>
  /** A new login by a person. Undefined: nobody can be asked. */
  readonly login: (() => Promise<TokenSet>) | undefined
  /** The error when there is no login, and nobody can be asked. */
  readonly notSignedIn: () => AuthError
  /** Milliseconds since the epoch. */
  readonly now: () => Milliseconds
}

/** The login of a person at an identity provider, kept between commands. */
export interface LoginSession {
  /** The login's token: a kept one, a refreshed one, or one of a new login. */
  bearer(): Promise<string>

  /**
   * To be called when a server has refused `rejected`: that token is kept no longer.
   *
   * @returns another one to try; undefined if there is none, or `rejected` was new
   */
  renew(rejected: string): Promise<string | undefined>

  /** A new login, whatever is kept. */
  login(): Promise<Bearer>
}

/** A token with less time than that is refreshed before it is used; of a short-lived one, less than a tenth. */
const RESERVE: Milliseconds = 30_000

export function createLoginSession(options: LoginSessionOptions): LoginSession {
  const { store, refresh, login, notSignedIn, now } = options
  /** Tokens that the provider gave to this session. */
  const fresh = new Set<string>()

  function usable(tokens: TokenSet | undefined): Bearer | undefined {
    const bearer = tokens && bearerOf(tokens)
    if (!bearer) return undefined
    const { expiresAt = Number.POSITIVE_INFINITY, claims } = bearer
    const { iat } = claims
    const lifetime = typeof iat === 'number' ? expiresAt - iat * 1000 : Number.POSITIVE_INFINITY
    return expiresAt - now() > Math.min(RESERVE, Math.max(0, lifetime / 10)) ? bearer : undefined
  }

  function keep(locked: WritableLogin, tokens: TokenSet): Bearer | undefined {
    locked.write(tokens)
    const bearer = bearerOf(tokens)
    if (bearer) fresh.add(bearer.token)
    return bearer
  }

  /** Refreshes what is kept, unless another process has done so. Undefined if the person has to sign in. */
  async function refreshed(rejected?: string): Promise<Bearer | undefined> {
    return store.locked(async (locked) => {
      const kept = locked.read()
      const bearer = usable(kept)
      if (bearer && bearer.token !== rejected) return bearer
      const refreshToken = kept?.refreshToken
      if (kept && rejected !== undefined) locked.write({ ...OVER, refreshToken })
      if (refreshToken === undefined) return undefined
      const tokens = await refreshOr(refreshToken, rejected === undefined ? kept : undefined)
      if (tokens !== undefined && tokens === kept) return bearerOf(kept)
      return keep(locked, tokens ?? OVER)
    })
  }

  /** @param kept goes on while the provider is away, as long as its token counts at all */
  async function refreshOr(refreshToken: string, kept: TokenSet | undefined) {
    try {
      return await refresh(refreshToken)
    } catch (error) {
      const expiresAt = (kept && bearerOf(kept))?.expiresAt
      if (error instanceof AuthError && error.code === 'ERR_PROVIDER_UNAVAILABLE') {
        if (expiresAt !== undefined && expiresAt > now()) return kept
      }
      throw error
    }
  }

  async function anew(ask: () => Promise<TokenSet>): Promise<Bearer> {
    const tokens = await ask()
    if (!bearerOf(tokens)) throw new AuthError('ERR_CREDENTIALS_REJECTED', NO_BEARER)
    return store.locked(async (locked) => keep(locked, tokens) as Bearer)
  }

  return {
    async bearer() {
      const kept = store.read()
      const bearer = usable(kept) ?? (kept?.refreshToken ? await refreshed() : undefined)
      if (bearer) return bearer.token
      if (!login) throw notSignedIn()
      return (await anew(login)).token
    },
    async renew(rejected) {
      if (fresh.has(rejected)) {
        await store.locked(async (locked) => {
          const kept = locked.read()
          if (kept && bearerOf(kept)?.token === rejected) {
            locked.write({ ...OVER, refreshToken: kept.refreshToken })
          }
        })
        return undefined
      }
      const bearer = await refreshed(rejected)
      if (bearer) return bearer.token
      return login && (await anew(login)).token
    },
    async login() {
      if (!login) throw notSignedIn()
      return anew(login)
    },
  }
}
