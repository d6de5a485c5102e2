/** Where in etcd what is kept, as bytes. */
export interface EtcdKeys {
  readonly prefix: string
  /** The first key after all that begin with the prefix. */
  readonly end: Buffer
  /** `kapacitor-auth 3`: whose keys these are, and in which layout. */
  readonly layout: Buffer
  /** How many changes there were, in digits. */
  readonly index: Buffer
  /** Who made the change that led to this index: `42 <id>`. The last thousand are known. */
  commit(index: number): Buffer
  /** Users, roles: a key of `key.ts` behind the prefix. */
  entry(key: Buffer): Buffer
  /** The inverse of `entry`. */
  key(entry: Buffer): Buffer
}

const COMMITS = 1024

export function createEtcdKeys(prefix: string): EtcdKeys {
  const under = (name: string) => Buffer.from(prefix + name)
  const entries = under('entry/')
  const end = Buffer.from(prefix)
  end[end.length - 1] = (end.at(-1) as number) + 1 // a prefix is printable ASCII: no carry
  return {
    prefix,
    end,
    layout: under('layout'),
    index: under('index'),
    commit: (index) => under(`commit/${index % COMMITS}`),
    entry: (key) => Buffer.concat([entries, key]),
    key: (entry) => entry.subarray(entries.length),
  }
}
