import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname } from 'node:path'
import { AuthError } from '../../errors.js'
import { escaped } from '../../text/printable.js'
import type { Milliseconds } from '../../time.js'

export interface ProcessLockOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => Milliseconds
  readonly wait: (time: Milliseconds) => Promise<void>
  /** How long the lock of another process is waited for. @default 45_000 */
  readonly patience?: Milliseconds
}

/** Between two looks at another process's lock. */
const RETRY: Milliseconds = 50

/** No process holds a lock for longer: a request to a provider has a deadline. */
const LONGEST: Milliseconds = 60_000

/** Who holds a lock. */
interface Holder {
  readonly pid: number
  readonly host: string
  readonly at: Milliseconds
}

/**
 * Runs `work` while no other process does so under the same path. The lock of a process that has died does not count.
 *
 * Each time the lock is taken, it is a new file: `path.lock.1`, `path.lock.2`, and so on. Who makes the next one has it, and a
 * file is removed only when there is a later one. So a dead process's lock is never removed by two at once, of
 * which one would remove the other's new one.
 *
 * @throws AuthError `ERR_BUSY` if another process holds it for too long
 */
export async function withProcessLock<T>(
  path: string,
  work: () => Promise<T>,
  { now, wait, patience = 45_000 }: ProcessLockOptions,
): Promise<T> {
  const end = now() + patience
  let taken = take(path, now)
  while (taken === undefined) {
    if (now() >= end) {
      throw new AuthError('ERR_BUSY', `another process holds ${escaped(path)}.lock; try again`)
    }
    await wait(RETRY)
    taken = take(path, now)
  }
  try {
    return await work()
  } finally {
    release(taken)
  }
}

/** The lock's file; undefined while another process has it. */
function take(path: string, now: () => Milliseconds): string | undefined {
  const last = latest(path)
  if (last > 0 && isHeld(lockFile(path, last), now())) return undefined
  const own = lockFile(path, last + 1)
  const holder: Holder = { pid: process.pid, host: hostname(), at: now() }
  if (!make(own, JSON.stringify(holder))) return undefined
  const others = generations(path)
  // We looked at an old state: a later one was made, and the one before ours removed, meanwhile
  if (others.some((generation) => generation > last + 1)) {
    rmSync(own, { force: true })
    return undefined
  }
  for (const generation of others) {
    if (generation <= last) rmSync(lockFile(path, generation), { force: true })
  }
  return own
}

/** It stays, so that its number is not used again. */
function release(file: string): void {
  try {
    writeFileSync(file, 'free\n', { flag: 'r+' })
  } catch {
    // Then it ends with this process
  }
}

const lockFile = (path: string, generation: number) => `${path}.lock.${generation}`

const latest = (path: string) => Math.max(0, ...generations(path))

function generations(path: string): readonly number[] {
  const prefix = `${basename(path)}.lock.`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^\d{1,15}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
}

/** False if somebody else was faster. */
function make(file: string, text: string): boolean {
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    writeFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
  return true
}

function isHeld(file: string, now: Milliseconds): boolean {
  let text: string
  let at: Milliseconds
  try {
    text = readFileSync(file, 'utf8')
    at = statSync(file).mtimeMs
  } catch {
    return false // removed: there is a later one
  }
  if (text.startsWith('free')) return false
  const holder = holderOf(text)
  if (Math.abs(now - (holder?.at ?? at)) > LONGEST) return false
  // One without a holder is being written
  return holder === undefined || holder.host !== hostname() || isAlive(holder.pid)
}

function holderOf(text: string): Holder | undefined {
  try {
    const { pid, host, at } = JSON.parse(text) as Partial<Holder>
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof at !== 'number') return
    return { pid, host, at }
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
