import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

/** What of the machine decides where files are. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
}

/** A folder of a user's, by the system: a variable that names it, else where it is below the home directory. */
interface UserFolder {
  /** On Windows. */
  readonly windows: readonly [variable: string, ...below: readonly string[]]
  /** By the XDG Base Directory Specification. */
  readonly xdg: readonly [variable: string, ...below: readonly string[]]
}

const CONFIG: UserFolder = {
  windows: ['APPDATA', 'AppData', 'Roaming'],
  xdg: ['XDG_CONFIG_HOME', '.config'],
}

const STATE: UserFolder = {
  windows: ['LOCALAPPDATA', 'AppData', 'Local'],
  xdg: ['XDG_STATE_HOME', '.local', 'state'],
}

/**
 * Where influxctl keeps its profiles: `~/.config/influxctl/config.toml` (or below `$XDG_CONFIG_HOME`), on macOS below
 * `~/Library/Application Support`, on Windows below `%APPDATA%`. Undefined for a user without a home directory.
 */
export function profilePath(machine: Machine): string | undefined {
  return below(machine, CONFIG, 'influxctl', 'config.toml')
}

/**
 * Where our logins are kept: `~/.local/state/kapacitor-auth/logins` (or below `$XDG_STATE_HOME`), on macOS below
 * `~/Library/Application Support`, on Windows below `%LOCALAPPDATA%`. Undefined for a user without a home directory.
 */
export function loginFolder(machine: Machine): string | undefined {
  return below(machine, STATE, 'kapacitor-auth', 'logins')
}

function below(machine: Machine, folder: UserFolder, ...names: string[]): string | undefined {
  const path = pathOf(machine, folder)
  return path === undefined ? undefined : pathsOf(machine.platform).join(path, ...names)
}

function pathOf({ platform, env }: Machine, { windows, xdg }: UserFolder): string | undefined {
  const { join, isAbsolute } = pathsOf(platform)
  const home = homeOf({ platform, env })
  const atHome = (...names: string[]) => home && join(home, ...names)
  if (platform === 'darwin') return atHome('Library', 'Application Support')
  const [variable, ...usual] = platform === 'win32' ? windows : xdg
  const named = env[variable] ?? ''
  const isUsable = platform === 'win32' ? named !== '' : isAbsolute(named)
  return isUsable ? named : atHome(...usual)
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
