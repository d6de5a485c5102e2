import type { Command } from 'commander'
import type { LoadedProfile } from '../../device-login/profile/load-profile.js'

/** Which profile of influxctl's file. */
export interface ProfileFlags {
  readonly profile?: string
  readonly profileFile?: string
}

export function addProfileFlags(command: Command): Command {
  return command
    .option(
      '--profile <name>',
      "a profile of influxctl's file: sign in at its identity provider (default: $INFLUXCTL_PROFILE, else default)",
    )
    .option(
      '--profile-file <file>',
      'the profile file (default: ~/.config/influxctl/config.toml, or where influxctl has it on this system)',
    )
}

/** Whether somebody named a profile. */
export function isProfileNamed(
  { profile, profileFile }: ProfileFlags,
  env: NodeJS.ProcessEnv,
): boolean {
  return profile !== undefined || profileFile !== undefined || Boolean(env.INFLUXCTL_PROFILE)
}

/**
 * The profile that flags and environment name, else `default`; undefined if nobody named one and there is none. Warnings
 * are printed to standard error.
 *
 * @throws AuthError one line for each mistake
 */
export async function profileOf(
  { profile, profileFile }: ProfileFlags,
  env: NodeJS.ProcessEnv,
): Promise<LoadedProfile['profile'] | undefined> {
  const { loadProfile } = await import('../../device-login/profile/load-profile.js')
  const { platform } = process
  const loaded = loadProfile({ name: profile, file: profileFile, platform, env })
  for (const warning of loaded?.warnings ?? []) {
    process.stderr.write(`kapacitor-auth: ${warning}\n`)
  }
  return loaded?.profile
}
