import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

/** Reads everything there is. A program of its own, because LMDB ends the process that meets a damaged page. */
const READ_ALL = `
const [, directory, lmdb] = process.argv
const root = require(lmdb).open({ path: directory, noSubdir: false, overlappingSync: false, readOnly: true })
for (const name of [...root.getKeys()]) {
  const entries = root.openDB({ name, keyEncoding: 'binary', encoding: 'binary' })
  for (const { value } of entries.getRange()) if (value.length < 0) throw new Error()
}
`

/**
 * Whether every entry of the LMDB files in `directory` can be read, found out in another process. It takes as
 * long as reading all of it.
 */
export function isReadable(directory: string): Promise<boolean> {
  const lmdb = createRequire(import.meta.url).resolve('lmdb')
  const probe = spawn(process.execPath, ['--eval', READ_ALL, directory, lmdb], { stdio: 'ignore' })
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.once('exit', (code) => resolve(code === 0))
  })
}
