import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { FIRST_CHECKED, LAYOUT, layoutText } from '../store/layout.js'

/**
 * Reads everything there is, and holds it against the count and the sum that are kept with the index (`lmdb-check.ts`).
 * A program of its own, because LMDB ends the process that comes upon a damaged page. Files
 * of a layout without them, or of another program, are only read.
 */
const READ_ALL = `
const [, directory, lmdb, ...checked] = process.argv
const { hash } = require('node:crypto')
const separator = Buffer.alloc(2)
const say = (text) => { require('node:fs').writeSync(1, text) }
try {
  const root = require(lmdb).open({ path: directory, noSubdir: false, overlappingSync: false, readOnly: true, maxDbs: 2 })
  let layout, check, last, count = 0, sum = 0n
  const open = (name) => [name, root.openDB({ name, keyEncoding: 'binary', encoding: 'binary', useVersions: name === 'about' })]
  const databases = [...root.getKeys()].map(open)
  const transaction = root.useReadTransaction() // one state, whatever is written meanwhile
  for (const [name, database] of databases) {
    for (const { key, value } of database.getRange({ transaction })) {
      if (name === 'about' && key.toString() === 'layout') layout = value.toString()
      if (name === 'about' && key.toString() === 'check') check = value.toString()
      if (name !== 'entries') continue
      if (last && Buffer.compare(last, key) >= 0) throw new Error('MDB_CORRUPTED: keys are not in order')
      last = Buffer.from(key)
      count++
      const digest = hash('sha256', Buffer.concat([key, separator, value]), 'buffer')
      sum = BigInt.asUintN(64, sum + digest.readBigUInt64BE(0))
    }
  }
  const found = count + ' ' + sum.toString(16).padStart(16, '0')
  say(!checked.includes(layout) || check === found ? 'whole' : 'damaged')
} catch (error) {
  say('failed ' + error.message)
}
`

/**
 * `whole` if every entry can be read and none is missing, `damaged` if not. `failed` if the files could not be opened,
 * with the reason; `ended` if reading them ended the process, which damaged pages and a full disk do.
 */
export type ProbeResult =
  | { readonly state: 'whole' | 'damaged' | 'ended' }
  | { readonly state: 'failed'; readonly reason: string }

/** The layouts whose check is known here. */
const CHECKED: readonly string[] = Array.from({ length: LAYOUT - FIRST_CHECKED + 1 }, (_, i) =>
  layoutText(FIRST_CHECKED + i),
)

/** Reads the LMDB files in `directory`, in another process. It takes as long as reading all of it. */
export function probeLmdbFiles(directory: string): Promise<ProbeResult> {
  const lmdb = createRequire(import.meta.url).resolve('lmdb')
  const probe = spawn(process.execPath, ['--eval', READ_ALL, directory, lmdb, ...CHECKED], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NODE_OPTIONS: '' }, // which are for the program itself
  })
  let said = ''
  probe.stdout.on('data', (piece) => {
    said += piece
  })
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.once('close', () => {
      const [, state, reason] = /^(whole|damaged|failed)(?: (.*))?$/s.exec(said) ?? []
      if (state === 'whole' || state === 'damaged') resolve({ state })
      else if (state === 'failed') resolve({ state, reason: reason ?? '' })
      else resolve({ state: 'ended' })
    })
  })
}
