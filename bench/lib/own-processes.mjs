// The processes that a bench starts. They end with it, however it ends: each by its own pid.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const running = new Map()

process.on('exit', () => {
  for (const [child, signal] of running) child.kill(signal)
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

/** @param lastResort the signal at the end of the bench; SIGTERM for those that have children of their own */
export function start(command, args, { lastResort = 'SIGKILL', ...options } = {}) {
  const child = spawn(command, args, options)
  running.set(child, lastResort)
  child.once('exit', () => running.delete(child))
  child.once('error', () => running.delete(child))
  return child
}

/** Asks a process to end, and waits until it has. */
export async function stop(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

/** /proc counts CPU time in these: USER_HZ, 100 on every Linux. */
const TICKS_A_SECOND = 100

/** CPU seconds of a process with its threads and its children, those that have ended too. */
export function cpuSeconds(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const stats = new Map(all.flatMap((name) => statOf(name) ?? []).map((stat) => [stat.pid, stat]))
  const family = [pid]
  let ticks = 0
  for (let next = family.pop(); next !== undefined; next = family.pop()) {
    ticks += stats.get(next)?.ticks ?? 0
    for (const { pid: child, parent } of stats.values()) if (parent === next) family.push(child)
  }
  return ticks / TICKS_A_SECOND
}

function statOf(pid) {
  try {
    // The second field, the name, is in brackets and may hold anything
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks }]
  } catch {
    return undefined // it has just ended
  }
}

/** A port of 127.0.0.1 that nobody listens on, for servers that cannot choose one themselves. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
