import { spawnSync } from 'node:child_process'

/** Programs that some suites run against, each with a call that tells whether it is installed. */
const DAEMONS = {
  etcd: ['etcd', '--version'],
  etcdctl: ['etcdctl', 'version'],
  influxd: ['influxd', 'version'],
  influx: ['influx', '-version'],
  go: ['go', 'version'],
  glewlwyd: ['glewlwyd', '--version'],
  python3: ['python3', '-c', 'import termios'],
  'python3-influxdb': ['/usr/bin/python3', '-c', 'import influxdb'],
} as const

export type Daemon = keyof typeof DAEMONS

const found = new Map<Daemon, boolean>()

/** Whether these are installed. A suite is skipped where they are not; in CI no suite may be skipped, see `setup`. */
export function has(...daemons: readonly Daemon[]): boolean {
  return daemons.every((daemon) => {
    const known = found.get(daemon)
    if (known !== undefined) return known
    const [program, ...args] = DAEMONS[daemon]
    const isThere = spawnSync(program, args, { stdio: 'ignore', env: { ...process.env, ETCDCTL_API: '3' } }).status === 0
    found.set(daemon, isThere)
    return isThere
  })
}

/** Before all tests: names what is missing, or fails in CI. */
export function setup(): void {
  const missing = (Object.keys(DAEMONS) as Daemon[]).filter((daemon) => !has(daemon))
  if (missing.length === 0) return
  const says = `not installed: ${missing.join(', ')} (npm run install-daemons installs them on Debian)`
  if (process.env.CI) throw new Error(says)
  console.warn(`Some suites are skipped; ${says}`)
}
