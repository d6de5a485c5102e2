import { openLogin, openLoginStore } from '../../device-login/open-login.js'
import type { OAuth2Profile, Profile } from '../../device-login/profile/profile.js'
import { profilePath } from '../../device-login/profile/profile-path.js'
import { escaped, shown } from '../../text/printable.js'
import { formatTime } from '../../text/rfc3339.js'
import type { Milliseconds } from '../../time.js'
import { mistake } from '../mistake.js'
import { type ProfileFlags, profileOf } from '../sign-in/profile-flags.js'
import { interruptible } from '../terminal/interruptible.js'
import { output, outputJson } from '../terminal/output.js'
import { announceLogin, hasPerson } from './announce-login.js'
import { type LoginStatus, renderStatus, statusJson, statusOf, subjectOf } from './login-status.js'

export interface LoginFlags extends ProfileFlags {
  readonly browser: boolean
  /** How long to wait; undefined: until the code expires. */
  readonly timeout?: Milliseconds
}

export interface StatusFlags extends ProfileFlags {
  readonly json?: boolean
}

/** The exit code of `status` without a login. */
const NOT_SIGNED_IN = 2

/** `auth login`: a new login, also where there is no terminal: somebody has asked for it. */
export async function logIn(flags: LoginFlags): Promise<void> {
  const { profile, oauth2 } = await requireLoginProfile(flags)
  const { timeout: patience } = flags
  const announce = announceLogin(oauth2, flags.browser && hasPerson(), patience)
  const { platform, env } = process
  const { session, store, close } = openLogin({
    profile,
    oauth2,
    announce,
    patience,
    platform,
    env,
  })
  try {
    const bearer = await interruptible(
      () => session.login(),
      () => 'nobody has signed in',
    )
    const until = bearer.expiresAt === undefined ? '' : `, until ${formatTime(bearer.expiresAt)}`
    const renewed = store.read()?.refreshToken === undefined ? '' : ' and renewed by itself'
    await output(`signed in as ${shown(subjectOf(bearer.claims) ?? '')}${until}${renewed}\n`)
  } finally {
    close()
  }
}

/** `auth logout`. */
export async function logOut(flags: ProfileFlags): Promise<void> {
  const { profile, oauth2 } = await requireLoginProfile(flags)
  const { platform, env } = process
  const wasThere = await openLoginStore(profile, oauth2, { platform, env }).remove()
  await output(wasThere ? 'signed out\n' : 'nobody was signed in\n')
}

/** `auth token`. The token alone is printed, so that `$(…)` can take it; nobody is asked to sign in. */
export async function printToken(flags: ProfileFlags): Promise<void> {
  const { profile, oauth2 } = await requireLoginProfile(flags)
  const { platform, env } = process
  const { session, close } = openLogin({ profile, oauth2, platform, env })
  try {
    await output(`${await session.bearer()}\n`)
  } finally {
    close()
  }
}

/** `auth status`. Nobody is asked: it tells what is kept. */
export async function showStatus(flags: StatusFlags): Promise<void> {
  const { profile, oauth2 } = await requireLoginProfile(flags)
  const { platform, env } = process
  const store = openLoginStore(profile, oauth2, { platform, env })
  const status: LoginStatus = statusOf(profile, oauth2, store.path, store.read(), Date.now())
  if (flags.json) await outputJson(statusJson(status))
  else await output(renderStatus(status))
  if (!status.isSignedIn) process.exitCode = NOT_SIGNED_IN
}

/** @throws AuthError one line, if there is no profile with `[profile.auth.oauth2]` */
async function requireLoginProfile(
  flags: ProfileFlags,
): Promise<{ profile: Profile; oauth2: OAuth2Profile }> {
  const profile = await profileOf(flags, process.env)
  if (!profile) {
    const path = profilePath({ platform: process.platform, env: process.env }) ?? ''
    throw mistake(
      `there is no profile to sign in with: write one to ${escaped(path)}, or name a file with --profile-file`,
    )
  }
  const { name, file, oauth2, tokenFile } = profile
  if (oauth2) return { profile, oauth2 }
  const instead = tokenFile === undefined ? '' : ': its token_file is used as it is'
  throw mistake(
    `profile ${shown(name)} of ${escaped(file)} has no [profile.auth.oauth2] to sign in with${instead}`,
  )
}
