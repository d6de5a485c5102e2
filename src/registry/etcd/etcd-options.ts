import type { Milliseconds } from '../../time.js'

/** How etcd is reached over TLS. All texts are PEM. Its certificate is always verified. */
export interface EtcdTls {
  /** Certificates that are trusted instead of those that Node ships. */
  readonly ca?: string
  /** What is shown to etcd, with its chain. Goes with `key`. */
  readonly cert?: string
  /** The private key of `cert`, without a passphrase. */
  readonly key?: string
}

export interface EtcdOptions {
  /** The members of the cluster, `host:port` each; the first that answers is asked. At least one. */
  endpoints: readonly string[]

  /** Given: TLS. Left out: everything travels in the clear. */
  tls?: EtcdTls

  /**
   * Goes with `tls`, whose texts may change: calls `use` with those that new connections are to be made with.
   *
   * @returns a function that ends it
   */
  followTls?: (use: (tls: EtcdTls) => void) => () => void

  /** @default etcd asks for none */
  login?: { readonly username: string; readonly password: string }

  /** What the names of all keys begin with. @default '/kapacitor-auth/' */
  prefix?: string

  /** For a question with all its tries; each try gets its share of it. @default 5_000 */
  timeout?: Milliseconds
}
