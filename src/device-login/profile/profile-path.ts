import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

/** What of the machine decides where files are. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
}

/**
 * Where influxctl keeps its profiles: `~/.config/influxctl/config.toml` (or below `$XDG_CONFIG_HOME`), on macOS below
 * `~/Library/Application Support`, on Windows below `%APPDATA%`. Undefined for a user without a home directory.
 */
export function profilePath({ platform, env }: Machine): string | undefined {
  const folder = configFolder({ platform, env })
  const { join } = pathsOf(platform)
  return folder === undefined ? undefined : join(folder, 'influxctl', 'config.toml')
}

function configFolder({ platform, env }: Machine): string | undefined {
  const home = homeOf({ platform, env })
  const { join, isAbsolute } = pathsOf(platform)
  if (platform === 'win32') return env.APPDATA || (home && join(home, 'AppData', 'Roaming'))
  if (platform === 'darwin') return home && join(home, 'Library', 'Application Support')
  const { XDG_CONFIG_HOME: xdg = '' } = env
  return isAbsolute(xdg) ? xdg : home && join(home, '.config')
}

/**
 * Where our logins are kept: `~/.local/state/kapacitor-auth/logins` (or below `$XDG_STATE_HOME`), on macOS below
 * `~/Library/Application Support`, on Windows below `%LOCALAPPDATA%`. Undefined for a user without a home directory.
 */
export function loginFolder({ platform, env }: Machine): string | undefined {
  const folder = stateFolder({ platform, env })
  const { join } = pathsOf(platform)
  return folder === undefined ? undefined : join(folder, 'kapacitor-auth', 'logins')
}

function stateFolder({ platform, env }: Machine): string | undefined {
  const home = homeOf({ platform, env })
  const { join, isAbsolute } = pathsOf(platform)
  if (platform === 'win32') return env.LOCALAPPDATA || (home && join(home, 'AppData', 'Local'))
  if (platform === 'darwin') return home && join(home, 'Library', 'Application Support')
  const { XDG_STATE_HOME: xdg = '' } = env
  return isAbsolute(xdg) ? xdg : home && join(home, '.local', 'state')
}

function homeOf({ platform, env }: Machine): string | undefined {
  return (platform === 'win32' ? env.USERPROFILE : env.HOME) || systemHome()
}

/** `homedir` throws for a user without an entry in the system's list, as in many containers. */
function systemHome(): string | undefined {
  try {
    return homedir() || undefined
  } catch {
    return undefined
  }
}

function pathsOf(platform: NodeJS.Platform) {
  return platform === 'win32' ? win32 : posix
}
