import { ABORT, type Transaction } from 'lmdb'
import { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import type { Backend } from '../store/backend.js'
import { createBytesSnapshot } from '../store/bytes-snapshot.js'
import type { Write } from '../store/draft.js'
import { encodeKey } from '../store/store-key.js'
import { checkAfter, checkIn, checkText, NO_ENTRIES } from './lmdb-check.js'
import { CHECK_KEY, INDEX_KEY, type LmdbFiles } from './lmdb-files.js'

/** How often the index is read, to see whether another process has changed it. It takes some microseconds. */
const LOOK: Milliseconds = 100

/** What `createStore` needs of LMDB files. */
export function createLmdbBackend({ about, entries, close }: LmdbFiles): Backend {
  return {
    snapshot() {
      try {
        entries.resetReadTxn()
        const transaction = entries.useReadTransaction()
        return createBytesSnapshot({
          index: Number(about.get(INDEX_KEY, { transaction })),
          get: (key) => entries.get(key, { transaction }),
          range: (start, end) => entries.getRange({ start, end, transaction })[Symbol.iterator](),
          done: () => transaction.done(),
        })
      } catch (cause) {
        throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be read', { cause })
      }
    },

    async commit(index, writes) {
      const next = index + 1
      const check = checkOf(index, writes)
      if (!check) return false
      const written = about.ifVersion(INDEX_KEY, index, () => {
        for (const { bytes, text } of writes) {
          if (text === undefined) entries.remove(bytes)
          else entries.put(bytes, Buffer.from(text))
        }
        about.put(INDEX_KEY, Buffer.from(String(next)), next)
        about.put(CHECK_KEY, check, 0)
      })
      try {
        return await written
      } catch (error) {
        const { commitError } = error as { commitError?: Promise<never> }
        const cause = await commitError?.catch((reason) => reason)
        throw unwritable(cause ?? error)
      }
    },

    /** One transaction, open until all is put: other writers wait, readers do not. */
    async replace(index, batches, above) {
      const next = Math.max(index, above) + 1
      try {
        const result = await entries.transactionSync(async () => {
          if (Number(about.get(INDEX_KEY)) !== index) return ABORT
          entries.clearSync()
          let check = NO_ENTRIES
          for await (const batch of batches) {
            for (const { key, value } of batch) {
              const [bytes, text] = [encodeKey(key), Buffer.from(JSON.stringify(value))]
              entries.putSync(bytes, text)
              check = checkAfter(check, bytes, undefined, text)
            }
          }
          about.putSync(INDEX_KEY, Buffer.from(String(next)), next)
          about.putSync(CHECK_KEY, checkText(check), 0)
        })
        return result === ABORT ? undefined : next
      } catch (error) {
        if (error instanceof AuthError) throw error
        throw unwritable(error)
      }
    },

    watch(listener) {
      let known = latest()
      const timer = setInterval(() => {
        const index = latest()
        if (index === known) return
        known = index
        listener()
      }, LOOK).unref()
      return () => clearInterval(timer)
    },

    close,
  }

  /** The check after those writes; undefined if `index` is not the latest any more. */
  function checkOf(index: number, writes: readonly Write[]): Buffer | undefined {
    return readLatest((transaction) => {
      if (Number(about.get(INDEX_KEY, { transaction })) !== index) return undefined
      let check = checkIn(about.get(CHECK_KEY, { transaction })?.toString())
      if (!check) throw new Error('the check that is kept with the index is missing')
      for (const { bytes, text } of writes) {
        const after = text === undefined ? undefined : Buffer.from(text)
        check = checkAfter(check, bytes, entries.get(bytes, { transaction }), after)
      }
      return checkText(check)
    })
  }

  function readLatest<T>(work: (transaction: Transaction) => T): T {
    try {
      entries.resetReadTxn()
      const transaction = entries.useReadTransaction()
      try {
        return work(transaction)
      } finally {
        transaction.done()
      }
    } catch (cause) {
      throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be read', { cause })
    }
  }

  /** The index; undefined if it cannot be read; the next reader gets the error. */
  function latest(): string | undefined {
    try {
      about.resetReadTxn()
      return about.get(INDEX_KEY)?.toString()
    } catch {
      return undefined
    }
  }
}

function unwritable(cause: unknown): AuthError {
  return new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be written to', { cause })
}
