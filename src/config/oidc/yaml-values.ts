import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { suggestion } from '../../text/nearest.js'
import { escaped, shown } from '../../text/printable.js'
import { CUT_AT_END, type YamlFile } from './parse-yaml.js'

/** One key of a map with its value, aliases resolved. */
export interface Entry {
  readonly name: string
  /** For where it stands. */
  readonly key: Node
  readonly value: unknown
  /** The value as it was written: perhaps an alias. */
  readonly written: unknown
}

/** The entries of a map whose keys are texts; undefined if the node is not a map. */
export function entriesOf(file: YamlFile, node: unknown): readonly Entry[] | undefined {
  if (!isMap(node)) return undefined
  return node.items.flatMap(({ key, value }) =>
    isScalar(key) && typeof key.value === 'string'
      ? [{ name: key.value, key, value: file.resolve(value), written: value }]
      : [],
  )
}

/** The items of a list, aliases resolved; undefined if the node is not a list. */
export function itemsOf(file: YamlFile, node: unknown): readonly unknown[] | undefined {
  return isSeq(node) ? node.items.map(file.resolve) : undefined
}

/** Whether there is nothing: the key has no value, or `null`. */
export function isNothing(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null)
}

/** A text, or what is wrong with it in words. Nothing is the empty text. */
export function readText(node: unknown): { text: string } | { problem: string } {
  if (isNothing(node)) return { text: '' }
  if (isMap(node)) return { problem: 'must be a text, not a map' }
  if (isSeq(node)) return { problem: 'must be a text, not a list' }
  if (!isScalar(node)) return { problem: 'is an alias of nothing' }
  if (node.tag !== undefined && node.tag !== TEXT_TAG) {
    return { problem: `must be a text, without the tag ${escaped(node.tag.slice(0, 80))}` }
  }
  if (typeof node.value === 'string') return { text: node.value }
  const written = node.source ?? String(node.value)
  const what = typeof node.value === 'boolean' ? 'true or false' : 'a number'
  return { problem: `is ${what} without quotes; write it in quotes: ${shown(written)}` }
}

/**
 * What is wrong with a text that ends where the file ends, without a line break: it may be the beginning of a longer one.
 * In double quotes it would have its end.
 */
export function endProblem(file: YamlFile, { written }: Entry): string | undefined {
  return file.isCut(written) ? CUT_AT_END : undefined
}

const TEXT_TAG = 'tag:yaml.org,2002:str'

/** What to say of a key that is not ours, if anything: it may be one of ours misspelt. */
export function unknownKeyProblem(name: string, ours: readonly string[]): string | undefined {
  if (name === '<<') return ': merge keys (<<) are not read here; write the keys themselves'
  const meant = suggestion(name, ours)
  return meant && ` has no key ${shown(name)}${meant}`
}
