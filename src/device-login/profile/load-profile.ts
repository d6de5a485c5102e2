import { AuthError } from '../../errors.js'
import { placeholderProblem } from '../../text/placeholder.js'
import { escaped, shown } from '../../text/printable.js'
import { Secret } from '../../text/secret.js'
import { loadTextFile } from '../../text/text-file.js'
import { urlProblem } from './oauth-url.js'
import { DEFAULT_PROFILE, parseProfiles, type RawProfile } from './parse-profiles.js'
import type { OAuth2Profile, Profile } from './profile.js'
import { type Machine, profilePath } from './profile-path.js'

export interface ProfileChoice extends Machine {
  /** The profile's name. @default `$INFLUXCTL_PROFILE`, else `default` */
  readonly name?: string | undefined
  /** The file. @default influxctl's own */
  readonly file?: string | undefined
}

/** A profile, and what to say about its file. */
export interface LoadedProfile {
  readonly profile: Profile
  readonly warnings: readonly string[]
}

/**
 * The profile of that name in influxctl's file. Undefined if nobody named one and there is no file, or it has no
 * `default`.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, a line for each mistake, with file, line and key
 */
export function loadProfile({
  name,
  file,
  platform,
  env,
}: ProfileChoice): LoadedProfile | undefined {
  const wanted = name ?? (env.INFLUXCTL_PROFILE || undefined)
  const isNamed = wanted !== undefined || file !== undefined
  const path = file ?? profilePath({ platform, env })
  if (path === undefined) {
    if (!isNamed) return undefined
    throw invalid(['there is no home directory to find the profiles of influxctl in'])
  }
  const content = loadTextFile(path, platform)
  if (!('text' in content)) {
    if (content.isMissing && !isNamed) return undefined
    throw invalid([`${escaped(path)}: the profile file cannot be read: ${content.reason}`])
  }
  const { profiles, problems } = parseProfiles(content.text, path)
  if (problems.length > 0) throw invalid(problems)
  const raw = profiles.find((profile) => profile.name === (wanted ?? DEFAULT_PROFILE))
  if (raw === undefined) {
    if (!isNamed) return undefined
    throw invalid([missing(path, wanted ?? DEFAULT_PROFILE, profiles)])
  }
  const profile = profileOf(raw, path)
  const isExposed = content.isWorldReadable && profile.oauth2?.clientSecret !== undefined
  const exposed = isExposed ? [`${escaped(path)}: it holds a secret, and ${EVERYBODY}`] : []
  return { profile, warnings: [...exposed, ...examplesIn(raw)] }
}

/** What was copied from a document and not filled in; the values are not shown, since one is a secret. */
function examplesIn({ values, where }: RawProfile): string[] {
  return ['client_id', 'client_secret'].flatMap((key) => {
    const path = `auth.oauth2.${key}`
    const problem = placeholderProblem(String(values.get(path) ?? ''))
    return problem === undefined ? [] : [`${where(path)}: ${key}: ${problem}`]
  })
}

const EVERYBODY = 'every user of this machine may read it'

function missing(path: string, name: string, profiles: readonly RawProfile[]): string {
  const others = profiles.map((profile) => shown(profile.name)).join(', ')
  return `${escaped(path)}: there is no profile ${shown(name)}${others && `; there is ${others}`}`
}

function profileOf({ name, values, where }: RawProfile, file: string): Profile {
  const text = (path: string) => (values.get(path) as string | undefined) || undefined
  const oauth2 = oauth2Of({ name, values, where })
  const tokenFile = text('auth.token.token_file')
  if (oauth2 && tokenFile !== undefined) {
    throw invalid([
      `${where('auth.token.token_file')}: profile ${shown(name)} has both token_file and [profile.auth.oauth2]: keep one`,
    ])
  }
  return { name, file, oauth2, tokenFile, ca: text('tls.ca') }
}

const REQUIRED = ['client_id', 'device_url', 'token_url'] as const

/** What goes by itself into the requests. */
const OWN_PARAMETERS: readonly string[] = [
  ...['client_id', 'client_secret', 'scope', 'grant_type', 'device_code', 'refresh_token'],
  ...['code_challenge', 'code_challenge_method', 'code_verifier'],
]

/** Undefined if there is no such table, or all of it is empty, as in influxctl's sample. */
function oauth2Of({ name, values, where }: RawProfile): OAuth2Profile | undefined {
  const path = (key: string) => `auth.oauth2.${key}`
  const text = (key: string) => (values.get(path(key)) as string | undefined) ?? ''
  const scopes = ((values.get(path('scopes')) ?? []) as string[]).filter((scope) => scope !== '')
  const parameters = Object.entries((values.get(path('parameters')) ?? {}) as object).filter(
    ([, value]) => value !== '',
  )
  const secret = text('client_secret')
  const isEmpty = [...REQUIRED.map(text), secret, ...scopes].every((value) => value === '')
  if (isEmpty && parameters.length === 0) return undefined

  const problems = REQUIRED.filter((key) => text(key) === '').map(
    (key) =>
      `${where('auth.oauth2')}: ${key} is missing in [profile.auth.oauth2] of ${shown(name)}`,
  )
  for (const key of ['device_url', 'token_url']) {
    const problem = text(key) === '' ? undefined : urlProblem(text(key))
    if (problem) problems.push(`${where(path(key))}: ${key} ${shown(text(key))} ${problem}`)
  }
  for (const [key] of parameters) {
    if (!OWN_PARAMETERS.includes(key)) continue
    problems.push(`${where(path('parameters'))}: parameters must not set ${key}`)
  }
  if (problems.length > 0) throw invalid(problems)
  return {
    clientId: text('client_id'),
    clientSecret: secret === '' ? undefined : new Secret(secret),
    scopes,
    parameters: Object.fromEntries(parameters) as Record<string, string>,
    deviceUrl: text('device_url'),
    tokenUrl: text('token_url'),
  }
}

function invalid(problems: readonly string[]): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', problems.join('\n'))
}
