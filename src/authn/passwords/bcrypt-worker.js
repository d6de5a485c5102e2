// One hashing thread. JavaScript, not TypeScript, because Node 20 starts a worker from a file as it stands,
// and the tests run the sources.
import { pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { loadBcrypt } from './bcrypt-engine.js'

// On Linux a priority belongs to a thread: hashing gives way to the thread that serves requests, so that
// cached users do not notice it. Elsewhere it would slow the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(0, 10)
  } catch {
    // a sandbox may forbid it; hashing works all the same
  }
}

const bcrypt = await loadBcrypt(workerData?.portable)

/** @type {(password: string, target: import('./thread-pool.js').Target) => boolean} */
function isOf(password, target) {
  if (typeof target === 'string') return bcrypt.compare(password, target)
  const { rounds, digest, salt, key } = target
  return timingSafeEqual(pbkdf2Sync(password, salt, rounds, key.length, digest), key)
}

/** Like Array.some, but all of them are compared with: decoys belong to no password, and take as long. */
function isNone(/** @type {string} */ password, /** @type {readonly any[]} */ decoys) {
  for (const decoy of decoys) isOf(password, decoy)
  return false
}

parentPort?.on('message', (/** @type {import('./thread-pool.js').Job} */ job) => {
  const { password } = job
  if ('cost' in job) parentPort?.postMessage(bcrypt.hash(password, job.cost))
  else if ('bytes' in job) {
    const { salt, rounds, bytes, digest } = job
    parentPort?.postMessage(pbkdf2Sync(password, salt, rounds, bytes, digest))
  } else {
    const right = job.target !== undefined && isOf(password, job.target)
    parentPort?.postMessage(right || isNone(password, job.decoys))
  }
})
