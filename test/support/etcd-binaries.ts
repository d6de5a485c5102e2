import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/kapacitor-auth-etcd')
const BIN = join(CACHE, 'root/usr/bin')
const PACKAGES = ['etcd-server', 'etcd-client']

/** Where etcd and etcdctl are looked for: where they are installed, or where Debian's packages were unpacked. */
export const ETCD_PATH = [process.env.PATH ?? '', BIN].join(delimiter)

/** Whether there is an etcd to test with. */
export function hasEtcd(): boolean {
  const env = { ...process.env, PATH: ETCD_PATH }
  return ['etcd --version', 'etcdctl version'].every((line) => {
    const [program = '', ...args] = line.split(' ')
    return spawnSync(program, args, { env, stdio: 'ignore' }).status === 0
  })
}

/**
 * Before all tests: fetches Debian's etcd where none is installed, and unpacks it without installing it, so that no
 * service is started and nobody needs to be root. Where that fails the tests that need it are skipped; in CI, all fail.
 */
export function setup(): void {
  if (hasEtcd()) return
  rmSync(CACHE, { recursive: true, force: true })
  mkdirSync(CACHE, { recursive: true })
  const run = (program: string, ...args: string[]) => spawnSync(program, args, { cwd: CACHE, stdio: 'ignore' }).status === 0
  if (!run('apt-get', 'download', ...PACKAGES) && run('apt-get', 'update')) run('apt-get', 'download', ...PACKAGES)
  for (const file of readdirSync(CACHE).filter((name) => name.endsWith('.deb'))) run('dpkg-deb', '-x', file, 'root')
  if (!hasEtcd() && process.env.CI) throw new Error(`etcd is missing: apt-get install ${PACKAGES.join(' ')}`)
}
