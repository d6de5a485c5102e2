import { isNamePart, isNameStart } from '../scanner/characters.js'
import { keywordOf } from '../scanner/token.js'

/** Prints a string: in single quotes. */
export function quoteString(value: string): string {
  return `'${escaped(value, "'")}'`
}

/** Prints a name: bare if the grammar allows, otherwise in double quotes. */
export function quoteName(name: string): string {
  return isBareName(name) ? name : quoted(name)
}

/** Prints a name in several parts as error texts show it: all but the last one quoted, unless empty in between. */
export function quoteSegments(segments: readonly string[]): string {
  const last = segments.length - 1
  return segments
    .map((segment, i) => {
      if (segment === '') return i === 0 || i === last ? '""' : ''
      return i < last ? quoted(segment) : quoteName(segment)
    })
    .join('.')
}

export function quoted(name: string): string {
  return `"${escaped(name, '"')}"`
}

function isBareName(name: string): boolean {
  if (!isNameStart(name.charCodeAt(0))) return false
  for (let at = 1; at < name.length; at++) {
    if (!isNamePart(name.charCodeAt(at))) return false
  }
  return keywordOf(name) === undefined
}

/** A backslash before what would end or change a quoted text; nothing else is special in one. */
function escaped(text: string, quote: string): string {
  let printed = ''
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char !== quote && char !== '\\' && char !== '\n') continue
    printed += `${text.slice(from, at)}\\${char === '\n' ? 'n' : char}`
    from = at + 1
  }
  return from === 0 ? text : printed + text.slice(from)
}
