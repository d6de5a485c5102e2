import type { Sweep, Write } from '../store/draft.js'
import type { EtcdKeys } from './etcd-keys.js'
import type { Operation } from './etcd-messages.js'

/** The operations that a transaction may hold by default (`--max-txn-ops`), in it and in each one within it. */
const MOST_OPERATIONS = 128

/**
 * What is to be written, as etcd's operations. What was removed as a whole is one operation, but for the keys in it
 * that were put again: etcd refuses a transaction that puts and removes the same key.
 */
export function operationsOf(writes: readonly Write[], keys: EtcdKeys): Operation[] {
  const operations: Operation[] = []
  const puts: Buffer[] = []
  const sweeps = new Set<Sweep>()
  for (const { bytes, text, sweep } of writes) {
    const key = keys.entry(bytes)
    if (text !== undefined) {
      puts.push(bytes)
      operations.push({ put: { key, value: Buffer.from(text) } })
    } else if (sweep) sweeps.add(sweep)
    else operations.push({ delete: { key } })
  }
  for (const { start, end } of sweeps) {
    let from = start
    for (const put of puts) {
      if (Buffer.compare(put, start) < 0 || Buffer.compare(put, end) >= 0) continue
      if (Buffer.compare(from, put) < 0) operations.push(removal(keys, from, put))
      from = Buffer.concat([put, Buffer.of(0)])
    }
    operations.push(removal(keys, from, end))
  }
  return operations
}

/**
 * More operations than a transaction may hold, as transactions within it: etcd counts each level for itself. All of it
 * stays one transaction, and happens whole or not at all.
 *
 * @param besides how many others the outermost transaction has
 */
export function nested(operations: readonly Operation[], besides: number): readonly Operation[] {
  let depth = 1
  let most = MOST_OPERATIONS - besides
  while (most < operations.length) {
    depth++
    const fan = Math.floor(MOST_OPERATIONS / depth)
    most = (fan - besides) * fan ** (depth - 1)
  }
  const fan = Math.floor(MOST_OPERATIONS / depth)
  let level = operations
  for (let i = 1; i < depth; i++) {
    level = chunks(level, fan).map((success) => ({ txn: { success } }))
  }
  return level
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

function removal(keys: EtcdKeys, start: Buffer, end: Buffer): Operation {
  return { delete: { key: keys.entry(start), rangeEnd: keys.entry(end) } }
}
