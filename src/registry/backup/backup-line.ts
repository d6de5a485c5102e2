import { type JsonObject, member } from '../../text/json-object.js'
import { nameFault } from '../name.js'

/** What is wrong with a line of a backup, as a sentence without its number. Never quotes a hash. */
export class LineMistake extends Error {}

/** @throws LineMistake */
export function readName(line: JsonObject, field: string): string {
  return checkName(field, member(line, field))
}

/** @throws LineMistake */
export function checkName(field: string, name: unknown): string {
  if (typeof name !== 'string') throw new LineMistake(`"${field}" is not a name`)
  const fault = nameFault(name)
  if (fault) throw new LineMistake(`a name in "${field}" ${fault}`)
  return name
}
