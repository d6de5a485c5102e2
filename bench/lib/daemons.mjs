// Daemons that come from Debian's packages.
import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { stop } from './own-processes.mjs'

/** Whether `command` is there, once Debian's package was asked for. */
export function install(command, debian) {
  if (isThere(command)) return true
  console.log(`${command} is missing: apt-get install ${debian}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) => spawnSync('apt-get', [...args, '-q', '-y'], { env, encoding: 'utf8' })
  if (apt('install', debian).status !== 0) apt('update')
  const { status, stderr, error } = isThere(command) ? { status: 0 } : apt('install', debian)
  if (status === 0 && isThere(command)) return true
  const reason = (stderr || error?.message || '').trim().split('\n')[0]
  console.log(`CANNOT COMPARE with ${command}: it could not be installed (${reason})\n`)
  return false
}

/** How those are asked that know no `version`. */
const VERSION = { nginx: '-v', wrk: '-v' }

/** nginx lives where only root's search path leads. */
function isThere(command) {
  process.env.PATH = `${process.env.PATH}:/usr/sbin`
  return !spawnSync(command, [VERSION[command] ?? 'version']).error
}

/** The server that `child` is, once somebody listens on its port. */
export async function listening(child, port) {
  for (let tries = 0; !(await isOpen(port)); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`${child.spawnfile} did not start`)
    await pause(50)
  }
  return { port, pid: child.pid, stop: () => stop(child) }
}

const isOpen = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
