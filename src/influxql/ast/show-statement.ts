import type { Expression } from './expression.js'
import type { Limits, Order, SeriesLimits, Source } from './select.js'

/** `ON database FROM sources WHERE condition`; an empty database means the default one. */
interface Scope {
  database: string
  sources: readonly Source[]
  condition: Expression | undefined
}

/** `WITH KEY …` */
export type TagKeys =
  | { operator: '=' | '!='; name: string }
  | { operator: '=~' | '!~'; regex: string }
  | { operator: 'IN'; names: readonly string[] }

export interface ShowSeriesStatement extends Scope, Limits {
  kind: 'SHOW SERIES'
  order: Order | undefined
}

export interface ShowFieldKeysStatement extends Limits {
  kind: 'SHOW FIELD KEYS'
  database: string
  sources: readonly Source[]
  order: Order | undefined
}

export interface ShowTagKeysStatement extends Scope, Limits, SeriesLimits {
  kind: 'SHOW TAG KEYS'
  order: Order | undefined
}

export interface ShowTagValuesStatement extends Scope, Limits {
  kind: 'SHOW TAG VALUES'
  tagKeys: TagKeys
  order: Order | undefined
}

export interface ShowMeasurementsStatement extends Limits {
  kind: 'SHOW MEASUREMENTS'
  database: string
  /** `WITH MEASUREMENT = …` */
  source: Source | undefined
  condition: Expression | undefined
  order: Order | undefined
}

/** How many there are: counted (`EXACT`) or estimated. */
export interface ShowCardinalityStatement extends Scope, Limits {
  kind:
    | 'SHOW SERIES CARDINALITY'
    | 'SHOW MEASUREMENT CARDINALITY'
    | 'SHOW TAG KEY CARDINALITY'
    | 'SHOW TAG VALUES CARDINALITY'
    | 'SHOW FIELD KEY CARDINALITY'
  exact: boolean
  /** Of `SHOW TAG VALUES CARDINALITY` only. */
  tagKeys: TagKeys | undefined
  dimensions: readonly Expression[]
}

export type ShowStatement =
  | ShowSeriesStatement
  | ShowFieldKeysStatement
  | ShowTagKeysStatement
  | ShowTagValuesStatement
  | ShowMeasurementsStatement
  | ShowCardinalityStatement
  | { kind: 'SHOW RETENTION POLICIES'; database: string }
  | { kind: 'SHOW GRANTS'; user: string }
  | { kind: 'SHOW STATS' | 'SHOW DIAGNOSTICS'; module: string }
  | {
      kind:
        | 'SHOW CONTINUOUS QUERIES'
        | 'SHOW DATABASES'
        | 'SHOW QUERIES'
        | 'SHOW SHARD GROUPS'
        | 'SHOW SHARDS'
        | 'SHOW SUBSCRIPTIONS'
        | 'SHOW USERS'
    }
