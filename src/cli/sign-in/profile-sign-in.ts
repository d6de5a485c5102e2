import { existsSync } from 'node:fs'
import { openLogin, openLoginStore } from '../../device-login/open-login.js'
import { hostOf } from '../../device-login/profile/oauth-url.js'
import type { OAuth2Profile, Profile } from '../../device-login/profile/profile.js'
import { loginFolder } from '../../device-login/profile/profile-path.js'
import { escaped, shown } from '../../text/printable.js'
import { announceLogin, hasPerson } from '../auth/announce-login.js'
import { mistake } from '../mistake.js'
import { interruptible } from '../terminal/interruptible.js'
import { readSecretFile } from '../terminal/read-secret.js'
import { bearerSignIn, type MetaSignIn } from './bearer-sign-in.js'
import { isProfileNamed, type ProfileFlags, profileOf } from './profile-flags.js'

/**
 * Signs in with a profile of influxctl's file: by its `token_file`, else at its identity provider. Undefined if there is
 * no such profile.
 *
 * Where nobody named a profile, the default one was perhaps written for another product. Then its `token_file` is sent
 * nowhere, and its login counts only if somebody has made it with `auth login`, or a person is there to make it: not one
 * where the configuration has credentials of its own.
 *
 * @param isConfigured whether the configuration has credentials
 */
export async function profileSignIn(
  flags: ProfileFlags,
  env: NodeJS.ProcessEnv,
  isConfigured: boolean,
): Promise<MetaSignIn | undefined> {
  const isNamed = isProfileNamed(flags, env)
  const mayLogIn = isNamed || (!isConfigured && hasPerson())
  if (!mayLogIn && !hasLogins(env)) return undefined
  const profile = await profileOf(flags, env)
  if (!profile) return undefined
  const { name, file, oauth2, tokenFile } = profile
  if (isNamed && tokenFile !== undefined) {
    const origin = `token_file ${escaped(tokenFile)} of profile ${shown(name)}`
    return bearerSignIn(readSecretFile('token_file', tokenFile), origin)
  }
  if (oauth2 && (mayLogIn || hasLogin(profile, oauth2, env))) {
    return atProvider(profile, oauth2, env)
  }
  if (!isNamed) return undefined
  throw mistake(`profile ${shown(name)} of ${file} has no [profile.auth.oauth2] to sign in with`)
}

function hasLogins(env: NodeJS.ProcessEnv): boolean {
  const folder = loginFolder({ platform: process.platform, env })
  return folder !== undefined && existsSync(folder)
}

function hasLogin(profile: Profile, oauth2: OAuth2Profile, env: NodeJS.ProcessEnv): boolean {
  const { platform } = process
  return openLoginStore(profile, oauth2, { platform, env }).read() !== undefined
}

async function atProvider(
  profile: Profile,
  oauth2: OAuth2Profile,
  env: NodeJS.ProcessEnv,
): Promise<MetaSignIn> {
  const announce = hasPerson() ? announceLogin(oauth2, true) : undefined
  const { session, close } = openLogin({
    ...{ profile, oauth2, announce, env },
    platform: process.platform,
  })
  const ask = <T>(work: () => Promise<T>) => interruptible(work, () => 'nobody has signed in')
  const token = await ask(() => session.bearer()).catch((error: unknown) => {
    close()
    throw error
  })
  return {
    ...bearerSignIn(token, ''),
    says: `with the login at ${hostOf(oauth2.tokenUrl)} of profile ${shown(profile.name)}`,
    renew: (rejected) => ask(() => session.renew(rejected)),
    close,
  }
}
