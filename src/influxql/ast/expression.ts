import type { Operator } from '../scanner/token.js'

/** What a field may be cast to, or which fields a wildcard stands for: `value::float`, `*::tag`. */
export type FieldType = 'float' | 'integer' | 'unsigned' | 'string' | 'boolean' | 'field' | 'tag'

export interface BinaryExpression {
  kind: 'binary'
  operator: Operator
  /** A chain `a + b + c` leans to the left, as deep as the chain is long: walk it in a loop. */
  left: Expression
  /** Never deeper than there are levels of precedence. */
  right: Expression
}

export interface Call {
  kind: 'call'
  /** In lower case. */
  name: string
  args: readonly Expression[]
}

export interface IntegerLiteral {
  kind: 'integer'
  /** From the least 64-bit integer to the greatest unsigned one. */
  value: bigint
}

export interface NumberLiteral {
  kind: 'number'
  value: number
}

export interface RegexLiteral {
  kind: 'regex'
  /** In the syntax of RE2; a slash is not escaped. */
  source: string
}

export type Expression =
  | BinaryExpression
  | Call
  | IntegerLiteral
  | NumberLiteral
  | RegexLiteral
  | { kind: 'group'; expression: Expression }
  | { kind: 'variable'; name: string; type: FieldType | undefined }
  | { kind: 'wildcard'; type: 'field' | 'tag' | undefined }
  | { kind: 'distinct'; name: string }
  | { kind: 'string'; value: string }
  | { kind: 'boolean'; value: boolean }
  /** In nanoseconds. */
  | { kind: 'duration'; value: bigint }
