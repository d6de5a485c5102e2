import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AuthError } from '../../errors.js'

/**
 * What an LMDB data file looks like from outside: `fresh` when nothing is in it yet, `begun` when not more was written
 * than a new registry has, `whole` when it has every page that it speaks of, `short` when pages are missing at its end.
 * Those may be ones that were given up before they were ever written, or the file was cut off.
 */
export type DataFileState = 'fresh' | 'begun' | 'whole' | 'short'

/** Two databases are made, and then what is in the first. */
const FIRST_TRANSACTIONS = 3n

/** Of the two meta pages at the start of the file: where what stands, little-endian. */
const META = {
  flags: 18,
  magic: 24,
  version: 28,
  pageSize: 48,
  lastPage: 144,
  transaction: 152,
  end: 160,
}
const IS_META = 0x08
const MAGIC = 0xbeefc0de
const FORMAT = 2

/**
 * Looks at a data file before LMDB does, which maps what it is given and crashes on other files.
 * Damage inside of its pages is not seen here.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, one line that names the path, if it is not an LMDB file of this format
 */
export function inspectDataFile(path: string): DataFileState {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'fresh'
    throw error
  }
  try {
    const { size } = fstatSync(file)
    if (size === 0) {
      if (isFirstStart(join(dirname(path), 'lock.mdb'))) return 'fresh'
      throw foreign(path, 'is empty, and not from a first start that was interrupted')
    }
    const first = readMeta(file, 0)
    const pageSize = first?.pageSize ?? 0
    const second = isPageSize(pageSize) ? readMeta(file, pageSize) : undefined
    if (!first || !second) throw foreign(path, 'is not the data file of a registry, or is damaged')
    if (first.version !== FORMAT) {
      throw foreign(path, `has LMDB data format ${first.version}, not ${FORMAT}`)
    }
    const latest = second.transaction > first.transaction ? second : first
    if (latest.transaction <= FIRST_TRANSACTIONS) return 'begun'
    return BigInt(size) < (latest.lastPage + 1n) * BigInt(pageSize) ? 'short' : 'whole'
  } finally {
    closeSync(file)
  }
}

/** Of the lock file, which LMDB makes first: the latest transaction, little-endian. */
const LOCK = { transaction: 8, end: 16 }

/** Whether the lock file says that there never was a transaction: so an interrupted first start leaves it. */
function isFirstStart(lockPath: string): boolean {
  let file: number
  try {
    file = openSync(lockPath, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  try {
    const head = Buffer.alloc(LOCK.end)
    readSync(file, head, 0, LOCK.end, 0)
    return head.readBigUInt64LE(LOCK.transaction) === 0n
  } finally {
    closeSync(file)
  }
}

/** What to do about a data file that cannot be used. */
export function foreign(path: string, what: string): AuthError {
  const advice = 'restore it from a backup, or move it away to start with an empty registry'
  return new AuthError('ERR_CONFIG_INVALID', `${path} ${what}: ${advice}`)
}

/** The meta page at that offset; undefined if there is none. */
function readMeta(file: number, offset: number) {
  const page = Buffer.alloc(META.end)
  if (readSync(file, page, 0, META.end, offset) < META.end) return undefined
  if ((page.readUInt16LE(META.flags) & IS_META) === 0) return undefined
  if (page.readUInt32LE(META.magic) !== MAGIC) return undefined
  return {
    version: page.readUInt32LE(META.version) & 0xffff,
    pageSize: page.readUInt32LE(META.pageSize),
    lastPage: page.readBigUInt64LE(META.lastPage),
    transaction: page.readBigUInt64LE(META.transaction),
  }
}

function isPageSize(size: number): boolean {
  return size >= 512 && size <= 65_536 && (size & (size - 1)) === 0
}
