import { nameFault } from '../name.js'

/** What is wrong with a line of a backup, as a sentence without its number. Never quotes a hash. */
export class LineMistake extends Error {}

/** A line of a backup, parsed. */
export type JsonObject = Readonly<Record<string, unknown>>

/** What the object itself says under that name. */
export function own(object: JsonObject, field: string): unknown {
  return Object.hasOwn(object, field) ? object[field] : undefined
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws LineMistake */
export function readName(line: JsonObject, field: string): string {
  return checkName(field, own(line, field))
}

/** @throws LineMistake */
export function checkName(field: string, name: unknown): string {
  if (typeof name !== 'string') throw new LineMistake(`"${field}" is not a name`)
  const fault = nameFault(name)
  if (fault) throw new LineMistake(`a name in "${field}" ${fault}`)
  return name
}
