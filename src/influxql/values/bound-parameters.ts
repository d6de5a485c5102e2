import type { Token } from '../scanner/token.js'
import { printDuration } from './duration.js'
import { integerOf, MAX_INT64, MIN_INT64 } from './integer.js'
import { type Json, type JsonNumber, type JsonObject, parseLeadingJson } from './json.js'
import { printShortest } from './number.js'

/** What a bound parameter stands for: one token. */
export interface BoundValue {
  token: Token
  literal: string
}

/** The values of `$name` by name. */
export type BoundParameters = ReadonlyMap<string, BoundValue>

export const NO_PARAMETERS: BoundParameters = new Map()

/** Bound parameters, or what is wrong with them, worded as InfluxDB does. */
export type ParsedParameters =
  | { parameters: BoundParameters; error?: never }
  | { parameters?: never; error: string }

/**
 * Reads the `params` of a query: a JSON object whose values are strings, numbers, booleans, or objects that name their type
 * (`{"ident": "cpu"}`, `{"regex": "^a"}`, `{"duration": "1h"}`). A value of another type is an error only where it is used.
 */
export function parseParameters(text: string): ParsedParameters {
  let json: Json
  try {
    json = parseLeadingJson(text)
  } catch (error) {
    return { error: `error parsing query parameters: ${(error as SyntaxError).message}` }
  }
  if (json === null) return { parameters: NO_PARAMETERS }
  if (!(json instanceof Map)) {
    const type = isNumber(json) ? 'number' : typeof json === 'boolean' ? 'bool' : typeof json
    const says = `cannot unmarshal ${Array.isArray(json) ? 'array' : type} into Go value of type map[string]interface {}`
    return { error: `error parsing query parameters: json: ${says}` }
  }
  const parameters = new Map<string, BoundValue>()
  for (const [name, value] of json as JsonObject) {
    const bound = bind(value)
    if (isNumber(value) && bound.token === 'BOUNDPARAM') {
      return { error: `error parsing json value: ${bound.literal}` }
    }
    parameters.set(name, bound)
  }
  return { parameters }
}

/** A value that cannot be used; what its literal says becomes part of the error where it is used. */
function unusable(reason: string): BoundValue {
  return { token: 'BOUNDPARAM', literal: reason }
}

function bind(value: Json): BoundValue {
  if (typeof value === 'string') return bindText('STRING', value)
  if (typeof value === 'boolean') return { token: value ? 'TRUE' : 'FALSE', literal: '' }
  if (isNumber(value)) return bindNumber(value)
  if (value instanceof Map) return bindObject(value)
  const type = value === null ? '<nil>' : '[]interface {}'
  return unusable(`unable to bind parameter with type ${type}`)
}

function isNumber(value: Json): value is JsonNumber {
  return typeof value === 'object' && value !== null && 'number' in value
}

function bindNumber({ number }: JsonNumber): BoundValue {
  const failed = (func: string, why: string) =>
    unusable(`strconv.${func}: parsing "${number}": ${why}`)
  if (number.includes('.')) {
    const value = Number(number)
    if (!Number.isFinite(value)) return failed('ParseFloat', 'value out of range')
    return { token: 'NUMBER', literal: Object.is(value, -0) ? '-0' : printShortest(value) }
  }
  if (!/^-?\d+$/.test(number)) return failed('ParseInt', 'invalid syntax')
  const value = integerOf(number)
  if (value > MAX_INT64 || value < MIN_INT64) return failed('ParseInt', 'value out of range')
  return { token: 'INTEGER', literal: String(value) }
}

function bindObject(object: JsonObject): BoundValue {
  const [entry] = object
  if (entry === undefined || object.size !== 1) {
    return unusable('bound object parameter value must have exactly one entry')
  }
  const [type, value] = entry
  const number = isNumber(value) ? bindNumber(value) : undefined
  if (number?.token === 'BOUNDPARAM') return number
  switch (type) {
    case 'ident':
    case 'identifier':
      return typeof value === 'string'
        ? bindText('IDENT', value)
        : unusable('identifier must be a string value')
    case 'regex':
      return typeof value === 'string'
        ? bindText('REGEX', value)
        : unusable('regex literal must be a string value')
    case 'string':
      return typeof value === 'string'
        ? bindText('STRING', value)
        : unusable('string literal must be a string value')
    case 'float':
    case 'number':
      if (number === undefined) return unusable('number literal must be a float value')
      return { token: 'NUMBER', literal: number.literal }
    case 'int':
    case 'integer':
      return number?.token === 'INTEGER'
        ? number
        : unusable('integer literal must be an integer value')
    case 'duration':
      if (typeof value === 'string') return { token: 'DURATIONVAL', literal: value }
      if (number?.token !== 'INTEGER')
        return unusable('duration literal must be a string or integer value')
      return { token: 'DURATIONVAL', literal: printDuration(BigInt(number.literal)) }
  }
  return unusable(`unknown bind object type: ${type}`)
}

/**
 * A text as a token. InfluxQL has no way to write a carriage return or a NUL, nor a line break in a regular expression, so a
 * value with one could not be printed again.
 */
function bindText(token: 'STRING' | 'IDENT' | 'REGEX', literal: string): BoundValue {
  const isWritable =
    !literal.includes('\r') &&
    !literal.includes('\0') &&
    !(token === 'REGEX' && literal.includes('\n'))
  return isWritable
    ? { token, literal }
    : unusable('text with a control character that InfluxQL cannot write')
}
