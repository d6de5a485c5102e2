import { bearerOf } from '../../device-login/bearer.js'
import { hostOf } from '../../device-login/profile/oauth-url.js'
import type { OAuth2Profile, Profile } from '../../device-login/profile/profile.js'
import type { TokenSet } from '../../device-login/provider/token-set.js'
import { formatTime } from '../../text/rfc3339.js'
import { formatDuration, type Milliseconds } from '../../time.js'
import { renderTable } from '../terminal/table.js'

/** What is kept of a login. Names are read from the token, and not verified. */
export interface LoginStatus {
  readonly isSignedIn: boolean
  readonly profile: string
  readonly profileFile: string
  readonly provider: string
  /** Where the login is kept. */
  readonly file: string
  readonly subject: string | undefined
  /** For people: a name or an e-mail address. Decides nothing. */
  readonly name: string | undefined
  readonly issuer: string | undefined
  /** Which token servers get. */
  readonly token: 'access' | 'id' | undefined
  readonly expiresAt: Milliseconds | undefined
  readonly expiresIn: Milliseconds | undefined
  readonly isRenewable: boolean
}

export function statusOf(
  { name, file }: Pick<Profile, 'name' | 'file'>,
  { tokenUrl }: Pick<OAuth2Profile, 'tokenUrl'>,
  path: string,
  tokens: TokenSet | undefined,
  now: Milliseconds,
): LoginStatus {
  const bearer = tokens && bearerOf(tokens)
  const { claims = {}, expiresAt } = bearer ?? {}
  const isRenewable = tokens?.refreshToken !== undefined
  const isValid = bearer !== undefined && (expiresAt === undefined || expiresAt > now)
  return {
    isSignedIn: isValid || isRenewable,
    ...{ profile: name, profileFile: file, provider: hostOf(tokenUrl), file: path },
    subject: subjectOf(claims),
    name: textOf(claims.preferred_username) ?? textOf(claims.email) ?? textOf(claims.name),
    issuer: textOf(claims.iss),
    token: bearer?.kind,
    expiresAt,
    expiresIn: expiresAt === undefined ? undefined : expiresAt - now,
    isRenewable,
  }
}

/** Entra's tokens name a person by `oid`, all others by `sub`. */
export function subjectOf({ oid, sub }: Readonly<Record<string, unknown>>): string | undefined {
  return textOf(oid) ?? textOf(sub)
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

/** A few lines for people. */
export function renderStatus(status: LoginStatus): string {
  const { isSignedIn, subject, name, issuer, token } = status
  const rows: [string, string | undefined][] = [
    ['name', name],
    ['issuer', issuer],
    ['token', token && (token === 'id' ? 'ID token' : 'access token')],
    ['expires', isSignedIn ? expiryText(status) : undefined],
    ['profile', `${status.profile} (${status.profileFile})`],
    ['kept in', isSignedIn ? status.file : undefined],
  ]
  const known = rows.filter((row): row is [string, string] => row[1] !== undefined)
  const who = isSignedIn ? (subject ?? '(renewed at the next command)') : 'nobody'
  return renderTable(['signed in', who], known)
}

function expiryText({ expiresAt, expiresIn = 0, isRenewable }: LoginStatus): string {
  const renewal = isRenewable ? '; renewed by itself' : ''
  if (expiresAt === undefined) return isRenewable ? 'renewed by itself' : 'not known'
  const time = formatTime(expiresAt)
  if (expiresIn <= 0) return `expired at ${time}${renewal}`
  const left = formatDuration(Math.round(expiresIn / 1000) * 1000)
  return `${time}, in ${left}${renewal}`
}

/** For machines; no token is in it. */
export function statusJson(status: LoginStatus): object {
  const { isSignedIn, profile, profileFile, provider, file, subject, name, issuer } = status
  const { token, expiresAt, isRenewable } = status
  return {
    signedIn: isSignedIn,
    ...{ profile, profileFile, provider, file, subject, name, issuer, token },
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
    renewable: isRenewable,
  }
}
