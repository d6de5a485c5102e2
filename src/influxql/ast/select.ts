import type { Expression, IntegerLiteral, NumberLiteral } from './expression.js'

/** One measurement, or all that a regular expression matches. An empty database or policy means the default one. */
export interface Measurement {
  kind: 'measurement'
  database: string
  policy: string
  name: string
  /** Instead of the name. */
  regex: string | undefined
}

export interface Subquery {
  kind: 'subquery'
  select: SelectStatement
}

export type Source = Measurement | Subquery

/** Where `INTO` writes to; an empty name means each source's own, `:MEASUREMENT`. */
export interface Target {
  database: string
  policy: string
  name: string
}

export interface Field {
  expression: Expression
  /** Empty if there is none. */
  alias: string
}

/** `ORDER BY [time] ASC|DESC` */
export interface Order {
  name: 'time' | ''
  ascending: boolean
}

/** `LIMIT … OFFSET …`; 0 is the same as not written. */
export interface Limits {
  limit: bigint
  offset: bigint
}

/** Limits of the number of series, beside those of rows. */
export interface SeriesLimits {
  seriesLimit: bigint
  seriesOffset: bigint
}

export type Fill = 'null' | 'none' | 'previous' | 'linear' | IntegerLiteral | NumberLiteral

export interface SelectStatement extends Limits, SeriesLimits {
  kind: 'SELECT'
  fields: readonly Field[]
  target: Target | undefined
  sources: readonly Source[]
  condition: Expression | undefined
  dimensions: readonly Expression[]
  fill: Fill
  order: Order | undefined
  /** The name of `tz('…')`. */
  timeZone: string | undefined
}
