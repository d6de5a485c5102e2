import { randomUUID } from 'node:crypto'
import { AuthError } from '../../errors.js'
import { upgradeFromLayout1 } from '../layout-1.js'
import { type Backend, createStore } from '../store/backend.js'
import { FIRST_INDEX, LAYOUT, layoutIn, layoutText, writtenByNewer } from '../store/layout.js'
import type { Store } from '../store/store.js'
import { createEtcdClient, type EtcdClient } from './etcd-client.js'
import { createEtcdKeys, type EtcdKeys } from './etcd-keys.js'
import type { Compare, Operation } from './etcd-messages.js'
import { nested, operationsOf } from './etcd-operations.js'
import type { EtcdOptions } from './etcd-options.js'
import { refusedChange, refusedStart, UNKNOWN } from './etcd-refusal.js'
import { openEtcdSnapshot } from './etcd-snapshot.js'

const TXN = '/etcdserverpb.KV/Txn'

/** A transaction may take more, as long as it is below 1.5 MiB: so many are, of whatever users and roles there are. */
const MOST_WRITES = 128

/** etcd's numbers for what is compared (`rpc.proto`). */
const CREATED = 1
const VALUE = 3

/**
 * The store of several machines: an etcd cluster, version 3.4 or later, which every meta node with the same endpoints
 * and prefix shares. Nothing is kept here. A read sees every change that was acknowledged before it; without a
 * quorum it rejects, within `timeout`.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line that names the key of the
 *   configuration; at once, without waiting for an etcd that is down beyond `timeout`
 */
export async function openEtcdStore(options: EtcdOptions): Promise<Store> {
  return (await open(options, makeRegistry)) as Store
}

/** The same, but undefined where there is no registry: none is made. */
export function openExistingEtcdStore(options: EtcdOptions): Promise<Store | undefined> {
  return open(options, () => [])
}

/** What a new registry has. */
function makeRegistry(keys: EtcdKeys): Operation[] {
  return [put(keys.layout, layoutText()), put(keys.index, String(FIRST_INDEX))]
}

/** @param make what is to be put where there is no registry; nothing: none is made */
async function open(
  options: EtcdOptions,
  make: (keys: EtcdKeys) => Operation[],
): Promise<Store | undefined> {
  const { endpoints, prefix = '/kapacitor-auth/', timeout = 5_000, login } = options
  const keys = createEtcdKeys(prefix)
  const client = createEtcdClient(options)
  // The client knows its own time; this is for what it does not see
  const store = createStore(createEtcdBackend(client, keys), 2 * timeout)
  try {
    const made = make(keys)
    const layout = await prepare(client, keys, made)
    if (layout === undefined && made.length === 0) {
      await store.close()
      return undefined
    }
    if (layout !== undefined && layout !== LAYOUT) await upgrade(layout, store, client, keys)
  } catch (error) {
    await store.close()
    throw refusedStart(error, { endpoints, prefix, username: login?.username ?? '' })
  }
  return store
}

/**
 * Puts what is `made` where there is no registry, and looks whether it can be used where there is one.
 *
 * @returns the layout that it was written in; undefined if there was none
 */
async function prepare(
  client: EtcdClient,
  keys: EtcdKeys,
  made: readonly Operation[],
): Promise<number | undefined> {
  const isEmpty = { target: CREATED, createRevision: 0 } as const
  const { answer } = await client.ask(TXN, {
    compare: [{ ...isEmpty, key: Buffer.from(keys.prefix), rangeEnd: keys.end }],
    success: made,
    failure: [{ range: { key: keys.layout } }],
  })
  if (answer.succeeded) return undefined
  const layout = layoutIn(String(answer.responses[0]?.range?.kvs[0]?.value ?? ''))
  if (layout !== undefined && layout <= LAYOUT) return layout
  const says =
    layout === undefined
      ? `etcd has keys of another program below ${keys.prefix}: choose another prefix`
      : `what etcd has below ${keys.prefix} ${writtenByNewer(layout)}`
  throw new AuthError('ERR_CONFIG_INVALID', `[meta] etcd-prefix: ${says}`)
}

async function upgrade(
  layout: number,
  store: Store,
  client: EtcdClient,
  keys: EtcdKeys,
): Promise<void> {
  if (layout === 1) await upgradeFromLayout1(store) // what 2 has means the same in 3
  await client.ask(TXN, { compare: [], success: [put(keys.layout, layoutText())], failure: [] })
}

export function createEtcdBackend(client: EtcdClient, keys: EtcdKeys): Backend {
  const ends = new Set<() => void>()

  return {
    snapshot: () => openEtcdSnapshot(client, keys),

    /**
     * One transaction, for which the index must be what it was. Sent twice it happens once at most, and says the same
     * both times, by what is kept beside the index: who made it so.
     */
    async commit(index, writes) {
      const next = index + 1
      const mark = `${next} ${randomUUID()}`
      const isLatest: Compare = {
        target: VALUE,
        key: keys.index,
        value: Buffer.from(String(index)),
      }
      const own = [put(keys.index, String(next)), put(keys.commit(next), mark)]
      const request = {
        compare: [isLatest],
        success: [...own, ...nested(operationsOf(writes, keys), own.length)],
        failure: [{ range: { key: keys.commit(next) } }],
      }
      const { answer, tries } = await client.ask(TXN, request).catch((cause) => {
        throw refusedChange(cause)
      })
      if (answer.succeeded) return true
      const found = String(answer.responses[0]?.range?.kvs[0]?.value ?? '')
      if (found === mark) return true
      // A thousand changes later nobody knows any more who made this one
      if (tries > 1 && Number.parseInt(found, 10) > next) {
        throw new AuthError('ERR_STORE_UNAVAILABLE', UNKNOWN)
      }
      return false
    },

    maxWrites: MOST_WRITES,

    watch(listener) {
      const end = client.watch(keys.index, listener)
      ends.add(end)
      return () => {
        end()
        ends.delete(end)
      }
    },

    async close() {
      for (const end of ends) end()
      client.close()
    },
  }
}

function put(key: Buffer, value: string): Operation {
  return { put: { key, value: Buffer.from(value) } }
}
