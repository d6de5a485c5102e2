import { AuthError } from '../errors.js'
import { shown } from '../text/printable.js'
import { type Clock, formatDuration, type Milliseconds, monotonic, pause } from '../time.js'
import { createLoginStore, type LoginStore } from './cache/login-store.js'
import { createLoginSession, type LoginSession } from './login-session.js'
import { hostOf } from './profile/oauth-url.js'
import { DEFAULT_PROFILE } from './profile/parse-profiles.js'
import type { OAuth2Profile, Profile } from './profile/profile.js'
import { loginFolder, type Machine, profilePath } from './profile/profile-path.js'
import type { LoginDeadline } from './provider/await-tokens.js'
import type { DeviceAuthorization } from './provider/device-authorization.js'
import type { ProviderHttp } from './provider/provider-http.js'

export interface OpenLoginOptions extends Machine {
  readonly profile: Profile
  readonly oauth2: OAuth2Profile
  /** Shows a person the page and the code. Undefined: there is nobody to show them to. */
  readonly announce?: ((device: DeviceAuthorization) => void) | undefined
  /** How long a login may take. @default as long as the code is valid */
  readonly patience?: Milliseconds | undefined
  /** @default monotonic */
  readonly clock?: Clock
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => Milliseconds
  /** @default a timer */
  readonly wait?: (time: Milliseconds) => Promise<void>
}

/** The login of one profile. */
export interface OpenLogin {
  readonly session: LoginSession
  readonly store: LoginStore
  /** Closes all connections. */
  close(): void
}

/**
 * The login of a profile, kept in this user's folder. Nothing is asked, and no HTTP client loaded, before it is needed.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if there is no home directory
 */
export function openLogin(options: OpenLoginOptions): OpenLogin {
  const { profile, oauth2, announce, patience } = options
  const { clock = monotonic, now = Date.now, wait = pause } = options
  const store = openLoginStore(profile, oauth2, options)
  let http: ProviderHttp | undefined

  async function connect(): Promise<ProviderHttp> {
    const { createProviderHttp } = await import('./provider/provider-http.js')
    http ??= createProviderHttp({ ca: profile.ca })
    return http
  }

  async function login(show: (device: DeviceAuthorization) => void) {
    const { authorizeDevice } = await import('./provider/device-authorization.js')
    const { awaitTokens } = await import('./provider/await-tokens.js')
    const until = patience === undefined ? undefined : deadline(patience)
    const provider = until ? inTime(await connect(), until.time, clock) : await connect()
    const device = await authorizeDevice(oauth2, provider)
    show(device)
    return awaitTokens(device, oauth2, provider, { wait, clock, now, until })
  }

  function deadline(length: Milliseconds): LoginDeadline {
    const says = `the login was not finished within ${formatDuration(length)} (--timeout)`
    const command = loginCommand(profile, options)
    const error = (last: string) =>
      new AuthError('ERR_CREDENTIALS_MISSING', `${says}: run ${command} again${last}`)
    return { time: clock() + length, error }
  }

  const session = createLoginSession({
    store,
    async refresh(refreshToken) {
      const { refreshTokens } = await import('./provider/refresh-tokens.js')
      return refreshTokens(oauth2, refreshToken, await connect(), now)
    },
    login: announce && (() => login(announce)),
    notSignedIn: () => notSignedIn(profile, oauth2, options),
    now,
  })
  return { session, store, close: () => http?.close() }
}

/** Where the login of a profile is kept. @throws AuthError `ERR_CONFIG_INVALID` if there is no home directory */
export function openLoginStore(
  profile: Profile,
  oauth2: OAuth2Profile,
  { platform, env, now = Date.now, wait = pause }: Omit<OpenLoginOptions, 'profile' | 'oauth2'>,
): LoginStore {
  const folder = loginFolder({ platform, env })
  if (folder === undefined) {
    const message = 'there is no home directory to keep a login in; set XDG_STATE_HOME'
    throw new AuthError('ERR_CONFIG_INVALID', message)
  }
  return createLoginStore(folder, profile.name, oauth2, { now, wait })
}

/** No request takes longer than there is time. */
function inTime(http: ProviderHttp, end: Milliseconds, clock: Clock): ProviderHttp {
  return { ...http, post: (url, fields) => http.post(url, fields, end - clock()) }
}

function notSignedIn(profile: Profile, { tokenUrl }: OAuth2Profile, machine: Machine): AuthError {
  const command = loginCommand(profile, machine)
  const message = `not signed in at ${hostOf(tokenUrl)}: run ${command}`
  return new AuthError('ERR_CREDENTIALS_MISSING', message)
}

/** What to type to sign in with that profile. */
function loginCommand({ name, file }: Profile, machine: Machine): string {
  const isUsual = file === profilePath(machine)
  const flags = [
    ...(isUsual ? [] : [` --profile-file ${shellWord(file)}`]),
    ...(name === DEFAULT_PROFILE ? [] : [` --profile ${shellWord(name)}`]),
  ]
  return `kapacitor-auth auth login${flags.join('')}`
}

const shellWord = (text: string) => (/^[\w./@-]+$/.test(text) ? text : shown(text))
