/**
 * The part of etcd's API (v3, `rpc.proto`, `kv.proto`) that is used here: what the fields are called on our side, and
 * their numbers and types on the wire. What etcd sends beside them is passed over.
 */
export const MESSAGES = {
  nested: {
    KeyValue: {
      fields: {
        key: { type: 'bytes', id: 1 },
        modRevision: { type: 'int64', id: 3 },
        value: { type: 'bytes', id: 5 },
      },
    },
    Header: { fields: { revision: { type: 'int64', id: 3 } } },
    RangeRequest: {
      fields: {
        key: { type: 'bytes', id: 1 },
        rangeEnd: { type: 'bytes', id: 2 },
        limit: { type: 'int64', id: 3 },
        revision: { type: 'int64', id: 4 },
        serializable: { type: 'bool', id: 7 },
      },
    },
    RangeResponse: {
      fields: {
        header: { type: 'Header', id: 1 },
        kvs: { rule: 'repeated', type: 'KeyValue', id: 2 },
        more: { type: 'bool', id: 3 },
      },
    },
    PutRequest: { fields: { key: { type: 'bytes', id: 1 }, value: { type: 'bytes', id: 2 } } },
    DeleteRequest: {
      fields: { key: { type: 'bytes', id: 1 }, rangeEnd: { type: 'bytes', id: 2 } },
    },
    Operation: {
      oneofs: { kind: { oneof: ['range', 'put', 'delete', 'txn'] } },
      fields: {
        range: { type: 'RangeRequest', id: 1 },
        put: { type: 'PutRequest', id: 2 },
        delete: { type: 'DeleteRequest', id: 3 },
        txn: { type: 'TxnRequest', id: 4 },
      },
    },
    /** `result` 0 is "equal"; `target` 1 is the revision of creation, 3 the value. */
    Compare: {
      oneofs: { with: { oneof: ['createRevision', 'value'] } },
      fields: {
        result: { type: 'int32', id: 1 },
        target: { type: 'int32', id: 2 },
        key: { type: 'bytes', id: 3 },
        createRevision: { type: 'int64', id: 5 },
        value: { type: 'bytes', id: 7 },
        rangeEnd: { type: 'bytes', id: 64 },
      },
    },
    TxnRequest: {
      fields: {
        compare: { rule: 'repeated', type: 'Compare', id: 1 },
        success: { rule: 'repeated', type: 'Operation', id: 2 },
        failure: { rule: 'repeated', type: 'Operation', id: 3 },
      },
    },
    Result: { fields: { range: { type: 'RangeResponse', id: 1 } } },
    TxnResponse: {
      fields: {
        succeeded: { type: 'bool', id: 2 },
        responses: { rule: 'repeated', type: 'Result', id: 3 },
      },
    },
    WatchCreate: { fields: { key: { type: 'bytes', id: 1 } } },
    WatchRequest: { fields: { create: { type: 'WatchCreate', id: 1 } } },
    Event: { fields: { kv: { type: 'KeyValue', id: 2 } } },
    WatchResponse: {
      fields: {
        created: { type: 'bool', id: 3 },
        canceled: { type: 'bool', id: 4 },
        cancelReason: { type: 'string', id: 6 },
        events: { rule: 'repeated', type: 'Event', id: 11 },
      },
    },
    AuthenticateRequest: {
      fields: { name: { type: 'string', id: 1 }, password: { type: 'string', id: 2 } },
    },
    AuthenticateResponse: { fields: { token: { type: 'string', id: 2 } } },
  },
} as const

export interface KeyValue {
  readonly key: Buffer
  readonly modRevision: number
  readonly value: Buffer
}

export interface RangeRequest {
  readonly key: Buffer
  /** The first key after those that are asked for. @default only `key` is */
  readonly rangeEnd?: Buffer
  readonly limit?: number
  /** Of the past; the latest if left out. */
  readonly revision?: number
  /** Answered by the member out of its own state, which may be old, instead of after asking the others. */
  readonly serializable?: boolean
}

export interface RangeResponse {
  readonly header: { readonly revision: number }
  readonly kvs: readonly KeyValue[]
  readonly more: boolean
}

export type Operation =
  | { readonly range: RangeRequest }
  | { readonly put: { readonly key: Buffer; readonly value: Buffer } }
  | { readonly delete: { readonly key: Buffer; readonly rangeEnd?: Buffer } }
  | { readonly txn: TxnRequest }

export interface Compare {
  readonly target: 1 | 3
  readonly key: Buffer
  readonly rangeEnd?: Buffer
  readonly createRevision?: number
  readonly value?: Buffer
}

export interface TxnRequest {
  readonly compare?: readonly Compare[]
  readonly success?: readonly Operation[]
  readonly failure?: readonly Operation[]
}

export interface TxnResponse {
  readonly succeeded: boolean
  readonly responses: readonly { readonly range: RangeResponse | null }[]
}

export interface WatchRequest {
  readonly create: { readonly key: Buffer }
}

export interface WatchResponse {
  readonly created: boolean
  readonly canceled: boolean
  readonly cancelReason: string
  readonly events: readonly { readonly kv: KeyValue }[]
}

/** What can be asked, by its name in etcd's API. */
export interface Methods {
  '/etcdserverpb.KV/Range': { request: RangeRequest; response: RangeResponse }
  '/etcdserverpb.KV/Txn': { request: TxnRequest; response: TxnResponse }
  '/etcdserverpb.Auth/Authenticate': {
    request: { readonly name: string; readonly password: string }
    response: { readonly token: string }
  }
}

export type Method = keyof Methods
