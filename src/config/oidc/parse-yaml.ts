import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  visit,
  type YAMLError,
} from 'yaml'
import { line } from '../problem.js'

/** A YAML text that was understood: its documents, and what finding values again needs. */
export interface YamlFile {
  readonly documents: readonly Document[]
  /** Where a node begins: `values.yaml:12`. */
  whereIs(node: unknown): string
  /** Whether a text whose end is not plain to see is the last of the file, in a line that has no end. */
  isCut(node: unknown): boolean
  /** The node itself, or the one that an alias (`*name`) stands for, if there is one. */
  resolve(node: unknown): unknown
}

/** How deep the parser may be in lists and maps: the library's own recursion would end the process some time after. */
const DEEPEST = 100

/**
 * Parses YAML 1.2. Duplicate keys are refused; merge keys (`<<`) are keys like others.
 *
 * @param file how the file is called in messages
 * @returns a line that says what is wrong, without the text around: it may hold a secret
 */
export function parseYaml(text: string, file: string): YamlFile | string {
  const lines = new LineCounter()
  const whereIs = (offset: number) => `${file}:${lines.linePos(offset).line}`
  const tokens = tokensOf(text, lines)
  if (typeof tokens === 'number') {
    return line(whereIs(tokens), `lists and maps are more than ${DEEPEST} deep here`)
  }
  // The library's own check for duplicate keys compares each key with all others of its map
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const documents = [...composer.compose(tokens, true, text.length)]
  const [error] = documents.flatMap(({ errors }) => errors)
  if (error) return line(whereIs(error.pos[0]), reasonOf(error))
  const isLast = (node: unknown) =>
    /^[ \t]*$/.test(text.slice(endOf(node))) && !/[\n\r]$/.test(text)
  const targets = new Map<Alias, Node>()
  for (const document of documents) {
    const twice = examine(document, targets)
    if (twice) return line(whereIs(offsetOf(twice)), 'this key is there twice in the same map')
  }
  // It may be the beginning of another one, which stands for other users or other groups
  const last = [...targets.keys()].find(isLast)
  if (last) return line(whereIs(offsetOf(last)), `this alias ${CUT_AT_END}`)
  return {
    documents,
    whereIs: (node) => whereIs(offsetOf(node)),
    isCut: (node) => isLast(node) && !isClosed(node, text),
    resolve: (node) => (isAlias(node) ? (targets.get(node) ?? node) : node),
  }
}

/** What is wrong with what may be the beginning of something longer. */
export const CUT_AT_END =
  'ends where the file ends, which may be cut short; end the file with a line break'

/**
 * Whether its own last character says that it ends there. A single quote does not: it may be the first of two, which stand
 * for one within the text. Neither does `\"`, which the parser takes for the end if the file ends there.
 */
function isClosed(node: unknown, text: string): boolean {
  if (!isScalar(node)) return true
  const isEscaped = /[^\\](?:\\\\)*\\"$/.test(text.slice(0, endOf(node)))
  return node.type === 'QUOTE_DOUBLE' && !isEscaped
}

const endOf = (node: unknown) => (isNode(node) ? (node.range?.[1] ?? 0) : 0)

/** Parsed as far as it is not recursive; the offset at which it is too deep. */
function tokensOf(text: string, lines: LineCounter) {
  const parser = new Parser()
  const tokens = []
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lines.addNewLine(at + 1)
  }
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEEPEST) return parser.offset
  }
  tokens.push(...parser.end())
  return tokens
}

/** Notes which node each alias stands for: the last one before it that has its name. @returns a key that is there twice */
function examine(document: Document, targets: Map<Alias, Node>): Node | undefined {
  const anchors = new Map<string, Node>()
  let twice: Node | undefined
  visit(document, {
    Node(_, node) {
      const target = isAlias(node) ? anchors.get(node.source) : undefined
      if (isAlias(node) && target) targets.set(node, target)
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node)
      if (isMap(node)) twice ??= duplicateKey(node.items.map(({ key }) => key))
    },
  })
  return twice
}

function duplicateKey(keys: readonly unknown[]): Node | undefined {
  const names = new Set<unknown>()
  return keys.filter(isScalar).find(({ value }) => names.size === names.add(value).size)
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

/** In our own words: the library's may repeat a piece of the text. */
function reasonOf({ code }: YAMLError): string {
  return REASONS[code] ?? 'this is not YAML'
}

const REASONS: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'an anchor or alias has no proper name',
  BAD_DQ_ESCAPE: 'there is no such escape sequence in double quotes',
  BAD_INDENT: 'the indentation does not fit, or a bracket is not closed before this line',
  BAD_SCALAR_START: 'a text cannot start with this character unless it is in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a map or list cannot begin on this line; is a line break missing?',
  MISSING_CHAR: 'a colon, comma, bracket or quote is missing',
  MULTILINE_IMPLICIT_KEY: 'a key cannot go over several lines; is a colon missing?',
  TAB_AS_INDENT: 'tabs are not allowed as indentation',
  TAG_RESOLVE_FAILED: 'the value does not fit its tag',
}
