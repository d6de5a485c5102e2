/**
 * What a failure asks for. `unreachable`: another member may do better. `behind`: this member does not know the revision
 * yet. `token`: sign in again. `login`: the credentials are wrong. `denied`: the user may not. `large`: the
 * transaction is too large. `full`: etcd is. `compacted`: the revision is forgotten. `foreign`: that is not etcd.
 */
export type EtcdFailureKind =
  | 'unreachable'
  | 'behind'
  | 'token'
  | 'login'
  | 'denied'
  | 'large'
  | 'full'
  | 'compacted'
  | 'foreign'
  | 'other'

/** What etcd, or the way to it, has answered instead. Its message holds no secrets. */
export class EtcdFailure extends Error {
  override readonly name = 'EtcdFailure'
  readonly kind: EtcdFailureKind

  constructor(kind: EtcdFailureKind, message: string) {
    super(message)
    this.kind = kind
  }
}

/** By gRPC's status code (google.golang.org/grpc/codes) and what etcd says (etcd, `rpctypes/error.go`). */
const KINDS: readonly [code: number, says: RegExp, kind: EtcdFailureKind][] = [
  [3, /revision of auth store is old/, 'token'],
  [3, /user name is empty|authentication failed/, 'login'],
  [3, /too many operations|request is too large/, 'large'],
  [7, /./, 'denied'],
  [8, /space exceeded/, 'full'],
  [8, /larger than max/, 'large'],
  [9, /authentication is not enabled/, 'login'],
  [11, /compacted/, 'compacted'],
  [11, /future revision/, 'behind'],
  [12, /./, 'foreign'],
  [16, /./, 'token'],
]

/** Cancelled, unknown, too late, too much at once, aborted, internal, unavailable: by chance, or for this member alone. */
const ELSEWHERE = [1, 2, 4, 8, 10, 13, 14]

export function etcdFailure(code: number, details: string): EtcdFailure {
  const found = KINDS.find(([known, says]) => known === code && says.test(details || '-'))
  const kind = found?.[2] ?? (ELSEWHERE.includes(code) ? 'unreachable' : 'other')
  return new EtcdFailure(kind, plain(details) || `gRPC status ${code}`)
}

/** Without what gRPC's library puts around the reason. */
function plain(details: string): string {
  return details
    .replace(/^No connection established\. Last error: (?:Error: )?/, '')
    .replace(/\.? *Resolution note: *$/, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '')
    .replace(/(?:[\dA-F]+:)?error:[\dA-F]+:([^:]*):[^:]*:([^:]*):.*/s, '$1: $2')
}
