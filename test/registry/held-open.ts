import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'

/** Another process that has an LMDB environment open and has read from it, as one of an older version would. */
export async function heldOpen(directory: string): Promise<{ pid: number | undefined; end(): Promise<void> }> {
  const lmdb = createRequire(import.meta.url).resolve('lmdb')
  const holder = spawn(process.execPath, ['--eval', `
    const root = require(${JSON.stringify(lmdb)}).open({ path: process.argv[1], noSubdir: false, maxDbs: 2, overlappingSync: false })
    root.useReadTransaction().done()
    console.log('open')
    setInterval(() => {}, 1000)
  `, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  return {
    pid: holder.pid,
    async end() {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    },
  }
}
