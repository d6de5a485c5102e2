import type { Expression } from './expression.js'
import type { SelectStatement, Source } from './select.js'
import type { ShowStatement } from './show-statement.js'

/** What may be granted on a database. */
export type GrantedPrivilege = 'READ' | 'WRITE' | 'ALL PRIVILEGES'

/** Statements about users; the only ones with secrets are CREATE USER and SET PASSWORD. */
export type UserStatement =
  | { kind: 'CREATE USER'; name: string; password: string; admin: boolean }
  | { kind: 'DROP USER'; name: string }
  | { kind: 'SET PASSWORD'; name: string; password: string }
  | { kind: 'GRANT'; privilege: GrantedPrivilege; database: string; user: string }
  | { kind: 'GRANT ADMIN'; user: string }
  | { kind: 'REVOKE'; privilege: GrantedPrivilege; database: string; user: string }
  | { kind: 'REVOKE ADMIN'; user: string }

/** Durations are in nanoseconds; 0 is for ever. */
export interface CreateDatabaseStatement {
  kind: 'CREATE DATABASE'
  name: string
  /** `WITH …` */
  policy:
    | {
        /** Empty means the default one. */
        name: string
        duration: bigint | undefined
        replication: number | undefined
        shardDuration: bigint
      }
    | undefined
}

export interface CreateRetentionPolicyStatement {
  kind: 'CREATE RETENTION POLICY'
  name: string
  database: string
  duration: bigint
  replication: number
  /** 0 if not written. */
  shardDuration: bigint
  isDefault: boolean
}

export interface AlterRetentionPolicyStatement {
  kind: 'ALTER RETENTION POLICY'
  name: string
  database: string
  duration: bigint | undefined
  replication: number | undefined
  shardDuration: bigint | undefined
  isDefault: boolean
}

export interface CreateContinuousQueryStatement {
  kind: 'CREATE CONTINUOUS QUERY'
  name: string
  database: string
  /** `RESAMPLE EVERY … FOR …` in nanoseconds; 0 if not written. */
  resampleEvery: bigint
  resampleFor: bigint
  /** Has a target. */
  select: SelectStatement
}

export interface CreateSubscriptionStatement {
  kind: 'CREATE SUBSCRIPTION'
  name: string
  database: string
  policy: string
  mode: 'ALL' | 'ANY'
  destinations: readonly string[]
}

/** One statement of InfluxQL; `kind` is its name in words, as logs show it. */
export type Statement =
  | SelectStatement
  | ShowStatement
  | UserStatement
  | CreateDatabaseStatement
  | CreateRetentionPolicyStatement
  | AlterRetentionPolicyStatement
  | CreateContinuousQueryStatement
  | CreateSubscriptionStatement
  | { kind: 'EXPLAIN'; analyze: boolean; select: SelectStatement }
  | {
      kind: 'DELETE' | 'DROP SERIES'
      sources: readonly Source[]
      condition: Expression | undefined
    }
  | { kind: 'DROP CONTINUOUS QUERY' | 'DROP RETENTION POLICY'; name: string; database: string }
  | { kind: 'DROP DATABASE' | 'DROP MEASUREMENT'; name: string }
  | { kind: 'DROP SHARD'; id: bigint }
  | { kind: 'DROP SUBSCRIPTION'; name: string; database: string; policy: string }
  | { kind: 'KILL QUERY'; id: bigint; host: string }

export type StatementKind = Statement['kind']
