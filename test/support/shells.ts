import { spawnSync } from 'node:child_process'

/** Those that the completion scripts are for; the first is on every Debian. */
const SHELLS = ['bash', 'zsh', 'fish']

/** Whether there is such a shell to test with. */
export function hasShell(name: string): boolean {
  return spawnSync(name, ['-c', 'true'], { stdio: 'ignore' }).status === 0
}

/**
 * Before all tests: installs shells that are missing, where it may. Where it may not, their tests are skipped; in CI, all
 * fail.
 */
export function setup(): void {
  const missing = () => SHELLS.filter((name) => !hasShell(name))
  if (missing().length === 0) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]) => spawnSync('apt-get', [...args, '-q', '-y'], { env, stdio: 'ignore' }).status === 0
  const install = () => apt('install', '--no-install-recommends', ...missing())
  if (!install() && apt('update')) install()
  if (missing().length > 0 && process.env.CI) throw new Error(`shells are missing: apt-get install ${missing().join(' ')}`)
}
