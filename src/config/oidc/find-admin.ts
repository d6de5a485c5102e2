import { suggestion } from '../../text/nearest.js'
import { line } from '../problem.js'
import type { YamlFile } from './parse-yaml.js'
import { type Entry, entriesOf } from './yaml-values.js'

/** The part of the file that is about the identity provider. */
export interface AdminPart {
  /** Its full name: `admin` or `spec.package.spec.admin`. */
  readonly path: string
  readonly entry: Entry
}

/** Where it is: in the values of the Helm chart, and in an AppInstance resource. */
const PATHS = [['admin'], ['spec', 'package', 'spec', 'admin']] as const

/** What stands in it, for those who left it out. */
const ITS_KEYS: readonly string[] = ['identityProvider', 'jwksEndpoint', 'users']

/** Finds it in the only document that has it. @returns a line that says what is wrong */
export function findAdmin(file: YamlFile, name: string): AdminPart | string {
  const found = file.documents.flatMap(({ contents }) =>
    PATHS.flatMap((path): AdminPart[] => {
      const entry = entryAt(file, file.resolve(contents), path)
      return entry ? [{ path: path.join('.'), entry }] : []
    }),
  )
  const [first, second] = found
  if (first === undefined) return line(name, `${NEITHER}${hint(file)}`)
  if (second === undefined) return first
  return line(
    file.whereIs(second.entry.key),
    `${second.path}: there is ${first.path} already, at ${file.whereIs(first.entry.key)}`,
  )
}

const NEITHER =
  'there is neither admin, as in the values of the Helm chart, nor spec.package.spec.admin, as in an AppInstance'

function entryAt(file: YamlFile, root: unknown, path: readonly string[]): Entry | undefined {
  let entry: Entry | undefined
  let node = root
  for (const name of path) {
    entry = entriesOf(file, node)?.find((each) => each.name === name)
    node = entry?.value
  }
  return entry
}

/** What at the top of a document is probably meant. */
function hint(file: YamlFile): string {
  const names = file.documents.flatMap(
    ({ contents }) => entriesOf(file, contents)?.map(({ name }) => name) ?? [],
  )
  const loose = names.filter((name) => ITS_KEYS.includes(name))
  if (loose.length > 0) return `; ${loose.join(' and ')} must stand below admin`
  return names.map((name) => suggestion(name, ['admin'])).find((text) => text !== '') ?? ''
}
