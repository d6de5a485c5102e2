import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

/** What of the machine decides where files are. */
export interface Platform {
  readonly name: NodeJS.Platform
  /** Whether we run as root; never on Windows. */
  readonly isRoot: boolean
  /** The user's home directory; undefined if there is none. */
  readonly home: string | undefined
}

/** This machine, seen through `env` (`HOME`, or `USERPROFILE` on Windows, names the home directory). */
export function currentPlatform(env: NodeJS.ProcessEnv): Platform {
  const name = process.platform
  const home = (name === 'win32' ? env.USERPROFILE : env.HOME) || systemHome()
  return { name, isRoot: process.geteuid?.() === 0, home }
}

/** Where `kapacitor.conf` is looked for, in order: ours before Kapacitor's own. The first that exists is read. */
export function defaultFiles(platform: Platform): readonly string[] {
  const { join } = pathsOf(platform)
  const own = platform.home ? [join(platform.home, '.kapacitor', 'kapacitor.conf')] : []
  if (platform.name === 'win32') return own
  return ['/etc/kapacitor-auth/kapacitor.conf', ...own, '/etc/kapacitor/kapacitor.conf']
}

/** Where `name` is kept when no directory is configured for it. */
export function inDataDirectory(name: string, platform: Platform, env: NodeJS.ProcessEnv): string {
  return pathsOf(platform).join(dataDirectory(platform, env), name)
}

/** Root's, and that of a user without a home. */
export const SYSTEM_DATA_DIRECTORY = '/var/lib/kapacitor-auth'

function dataDirectory(platform: Platform, env: NodeJS.ProcessEnv): string {
  const { join, isAbsolute } = pathsOf(platform)
  const { name, isRoot, home = '' } = platform
  if (name === 'win32') {
    return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'kapacitor-auth')
  }
  const xdg = env.XDG_DATA_HOME ?? ''
  if (isRoot) return SYSTEM_DATA_DIRECTORY
  if (name === 'darwin' && home) return join(home, 'Library/Application Support/kapacitor-auth')
  // The XDG base directory specification has a relative path ignored.
  if (name !== 'darwin' && isAbsolute(xdg)) return join(xdg, 'kapacitor-auth')
  return home ? join(home, '.local/share/kapacitor-auth') : SYSTEM_DATA_DIRECTORY
}

function pathsOf(platform: Platform) {
  return platform.name === 'win32' ? win32 : posix
}

/** `os.homedir` throws for a user without an entry in the system's list, as in many containers. */
function systemHome(): string | undefined {
  try {
    return homedir() || undefined
  } catch {
    return undefined
  }
}
