import { AuthError } from '../../../errors.js'
import { queryParameter } from '../../../http/query-parameter.js'
import { readParameter } from '../../../middleware/read-parameter.js'
import { shown } from '../../../text/printable.js'
import { createNamePattern } from './name-pattern.js'

/** What a list of users shows of each, in the order of Kapacitor's answers. */
export const USER_FIELDS = ['link', 'name', 'permissions', 'type'] as const
export type UserField = (typeof USER_FIELDS)[number]

/** Which users are listed. */
export interface ListWindow {
  readonly isWanted: (name: string) => boolean
  /** How many of those are left out at the beginning. */
  readonly offset: number
  readonly limit: number
}

export interface ListParameters extends ListWindow {
  readonly fields: ReadonlySet<UserField>
}

const DEFAULT_LIMIT = 100

/** The most users in one answer: what a negative limit, which means all, stands for. */
const MOST = 10_000

/**
 * Reads the query of `GET /users`: `pattern`, `fields`, `offset` and `limit`.
 *
 * @param target as the request line has it
 * @throws AuthError `ERR_REQUEST_INVALID`, `ERR_REQUEST_AMBIGUOUS`
 */
export function readListParameters(target: string): ListParameters {
  const limit = readInteger(target, 'limit') ?? DEFAULT_LIMIT
  return {
    isWanted: createNamePattern(readParameter(target, 'pattern') ?? ''),
    offset: Math.max(0, readInteger(target, 'offset') ?? 0),
    limit: limit < 0 ? MOST : Math.min(limit, MOST),
    fields: readFields(target),
  }
}

/** Name and link come with every list. */
function readFields(target: string): ReadonlySet<UserField> {
  const { values, ambiguous } = queryParameter(target, 'fields')
  if (ambiguous) {
    throw new AuthError('ERR_REQUEST_AMBIGUOUS', '"fields" is not properly encoded in the query')
  }
  if (values.length === 0) return new Set(USER_FIELDS)
  const unknown = values.find((value) => !isField(value))
  if (unknown !== undefined) throw invalid(`unsupported field ${shown(unknown)}`)
  return new Set(['name', 'link', ...(values as UserField[])])
}

const isField = (value: string): value is UserField =>
  (USER_FIELDS as readonly string[]).includes(value)

function readInteger(target: string, name: string): number | undefined {
  const text = readParameter(target, name)
  if (text === undefined || text === '') return undefined
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw invalid(`invalid ${name} parameter ${shown(text)} must be an integer`)
}

const invalid = (message: string) => new AuthError('ERR_REQUEST_INVALID', message)
