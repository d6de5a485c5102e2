// One hashing thread. JavaScript, not TypeScript, because Node 20 starts a worker from a file as it stands,
// and the tests run the sources.
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import bcrypt from 'bcryptjs'

// On Linux a priority belongs to a thread: hashing gives way to the thread that serves requests, so that
// cached users do not notice it. Elsewhere it would slow the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(0, 10)
  } catch {
    // a sandbox may forbid it; hashing works all the same
  }
}

parentPort?.on('message', (/** @type {import('./bcrypt-pool.js').Job} */ job) => {
  parentPort?.postMessage(
    'cost' in job
      ? bcrypt.hashSync(job.password, job.cost)
      : bcrypt.compareSync(job.password, job.hash),
  )
})
