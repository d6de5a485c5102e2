import { AuthError } from '../../errors.js'
import type { OpenSnapshot } from '../store/backend.js'
import type { Entry, Value } from '../store/store.js'
import { decodeKey, encodeKey, type Key, keyRange } from '../store/store-key.js'
import type { EtcdClient } from './etcd-client.js'
import { EtcdFailure } from './etcd-failure.js'
import type { EtcdKeys } from './etcd-keys.js'
import type { KeyValue, RangeRequest, RangeResponse } from './etcd-messages.js'
import { unavailable } from './etcd-refusal.js'

/** How many entries are asked for at once. */
const FIRST_PAGE = 64
const LONGEST_PAGE = 4_096
/** A page that was longer than this, in bytes, is followed by a shorter one. */
const LARGE_PAGE = 262_144

interface Latest {
  readonly index: number
  /** Of etcd, when the index was read. */
  readonly revision: number
  /** Of etcd, when the index was written last. */
  readonly since: number
}

/**
 * The latest state. Its index is asked of the whole cluster, so that nothing that was acknowledged before is missing;
 * what else is read is read as of the revision of that answer, which any member can give who knows it, for the past
 * does not change.
 */
export async function openEtcdSnapshot(client: EtcdClient, keys: EtcdKeys): Promise<OpenSnapshot> {
  const { index, since, ...first } = await latest(client, keys)
  let { revision } = first
  let closed = false

  async function read(request: RangeRequest): Promise<RangeResponse> {
    refuseClosed()
    try {
      return await readAt(request)
    } catch (cause) {
      if (!(cause instanceof EtcdFailure)) throw cause
      if (cause.kind !== 'compacted') throw unavailable('the registry cannot be read', cause)
    }
    const now = await latest(client, keys)
    if (now.since !== since) {
      const message = 'the registry has changed meanwhile, and etcd has forgotten the old state'
      throw new AuthError('ERR_STORE_UNAVAILABLE', message)
    }
    revision = now.revision // nothing of ours is different there
    return readAt(request).catch((cause) => {
      throw unavailable('the registry cannot be read', cause)
    })
  }

  /** A member that does not know the revision yet says so; the next one asks the cluster. */
  async function readAt(request: RangeRequest): Promise<RangeResponse> {
    const { answer } = await client.ask('/etcdserverpb.KV/Range', (tries) => ({
      ...request,
      revision,
      serializable: tries === 1,
    }))
    return answer
  }

  function refuseClosed(): void {
    if (closed) throw new TypeError('a snapshot was used after its work had ended')
  }

  async function* range(prefix: Key): AsyncGenerator<Entry> {
    const { start, end } = keyRange(prefix)
    let key = keys.entry(start)
    let limit = FIRST_PAGE
    for (;;) {
      const { kvs, more } = await read({ key, rangeEnd: keys.entry(end), limit })
      let bytes = 0
      for (const kv of kvs) {
        bytes += kv.key.length + kv.value.length
        yield { key: decodeKey(keys.key(kv.key)), value: parse(kv) }
        refuseClosed()
      }
      const last = kvs.at(-1)
      if (!more || !last) return
      key = Buffer.concat([last.key, Buffer.of(0)])
      limit = bytes > LARGE_PAGE ? Math.ceil(limit / 2) : Math.min(2 * limit, LONGEST_PAGE)
    }
  }

  return {
    index,
    async get(key) {
      const { kvs } = await read({ key: keys.entry(encodeKey(key)) })
      return kvs[0] && parse(kvs[0])
    },
    range,
    close() {
      closed = true
    },
  }
}

async function latest(client: EtcdClient, keys: EtcdKeys): Promise<Latest> {
  const { answer } = await client
    .ask('/etcdserverpb.KV/Range', { key: keys.index })
    .catch((cause) => {
      throw unavailable('the registry cannot be read', cause)
    })
  const [kv] = answer.kvs
  const index = Number(kv?.value)
  if (!kv || !Number.isSafeInteger(index)) {
    throw unavailable('the registry cannot be read', new Error(`${keys.index} is not in etcd`))
  }
  return { index, revision: answer.header.revision, since: kv.modRevision }
}

function parse({ key, value }: KeyValue): Value {
  try {
    return JSON.parse(value.toString())
  } catch {
    const cause = new Error(`what etcd keeps under ${JSON.stringify(String(key))} is not ours`)
    throw unavailable('the registry cannot be read', cause)
  }
}
