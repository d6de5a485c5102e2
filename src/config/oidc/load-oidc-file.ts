import { escaped, quoted } from '../../text/printable.js'
import { loadTextFile } from '../../text/text-file.js'
import { check } from '../kinds/kind.js'
import { line } from '../problem.js'
import { titleOf } from '../sections/config-file.js'
import { findKey } from '../sections/sections.js'
import type { Layer, Setting } from '../setting.js'
import { readOidcYaml } from './read-oidc-yaml.js'

/** Far more than any such file has. */
const MAX_BYTES = 1024 * 1024

const NO_FILE: Layer = { settings: [], problems: [] }

/** Keys of `[oidc]` of which file and configuration may not both have one, and what they are about. */
const SAME: readonly { readonly names: readonly string[]; readonly about: string }[] = [
  { names: ['provider'], about: 'the name of the provider' },
  { names: ['jwks-endpoint'], about: "the provider's keys" },
  { names: ['admins', 'auditors', 'members'], about: 'the users' },
]

/**
 * Reads the file that `[oidc] file` names. What it gives must not be given by keys as well: nobody could tell which of
 * two lists of administrators is the one that counts.
 *
 * @param settings all others, in rising order of precedence
 */
export function loadOidcFile(settings: readonly Setting[], platform: NodeJS.Platform): Layer {
  const named = settings.findLast(isFile)
  const path = named && pathOf(named)
  if (named === undefined || path === undefined) return NO_FILE
  const layer = readOidcFile(path, platform, named.where)
  const conflicts = conflictsOf(layer, settings)
  return { ...layer, problems: [...layer.problems, ...conflicts] }
}

/** @param where what is to blame when it cannot be read: who named it */
export function readOidcFile(path: string, platform: NodeJS.Platform, where: string): Layer {
  const content = loadTextFile(path, platform)
  const reason = 'text' in content ? sizeProblem(content.text) : content.reason
  if ('text' in content && reason === undefined) return readOidcYaml(content.text, path)
  const problem = line(where, `[oidc] file = ${quoted(path)}: ${reason}`)
  return { ...NO_FILE, problems: [problem], isLost: true }
}

function sizeProblem(text: string): string | undefined {
  return Buffer.byteLength(text) > MAX_BYTES ? 'it is larger than 1 MiB' : undefined
}

function isFile({ section, name }: Setting): boolean {
  return section === 'oidc' && name === 'file'
}

/** Undefined if there is none, or its value is wrong, which is reported elsewhere. */
function pathOf({ value, isText }: Setting): string | undefined {
  const kind = findKey('oidc', 'file')?.kind
  const checked = kind && check(kind, value, isText)
  return checked?.ok && checked.value !== '' ? (checked.value as string) : undefined
}

/** What is given by a key although the file gives it. */
export function conflictsOf({ settings: given }: Layer, settings: readonly Setting[]): string[] {
  return SAME.flatMap(({ names, about }) => {
    const inFile = given.find(({ name }) => names.includes(name))
    if (inFile === undefined) return []
    const others = settings.filter(
      ({ section, name, value }) => section === 'oidc' && names.includes(name) && !isEmpty(value),
    )
    return others.map((other) =>
      line(
        other.where,
        `${titleOf(other)}: ${about} must not be given here and in the file, too (${escaped(inFile.where)})`,
      ),
    )
  })
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0)
}
