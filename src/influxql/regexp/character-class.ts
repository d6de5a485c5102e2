import { isPosixClass, isUnicodeClass } from './class-names.js'
import { readEscape } from './escape.js'
import { type Pattern, RegexpFailure } from './pattern.js'

/** Reads `[…]`. */
export function readCharacterClass(p: Pattern): void {
  const from = p.at++
  if (p.has('^')) p.at++
  for (let isFirst = true; isFirst || !p.has(']'); isFirst = false) {
    if (!readPosixClass(p) && !readNamedEscape(p)) readRange(p, from)
  }
  p.at++
}

/** Reads `\pN`, `\p{Greek}`, `\d` and the like; false if there is none. */
export function readNamedEscape(p: Pattern): boolean {
  if (!p.has('\\')) return false
  const letter = p.charAt(1)
  if (letter === 'p' || letter === 'P') {
    readUnicodeClass(p)
    return true
  }
  if (letter === '' || !'dDsSwW'.includes(letter)) return false
  p.at += 2
  return true
}

function readUnicodeClass(p: Pattern): void {
  const from = p.at
  p.at += 2
  let name: string
  if (p.has('{')) {
    const end = p.text.indexOf('}', p.at)
    if (end < 0) throw new RegexpFailure('invalid character class range', p.text.slice(from))
    name = p.text.slice(p.at + 1, end)
    p.at = end + 1
  } else {
    name = p.take()
  }
  if (!isUnicodeClass(name)) throw new RegexpFailure('invalid character class range', p.since(from))
}

/** Reads `[:alpha:]` inside of a class; false if there is none. */
function readPosixClass(p: Pattern): boolean {
  if (!p.has('[:') || p.lastPosixEnd < p.at + 2) return false
  const end = p.text.indexOf(':]', p.at + 2)
  const name = p.text.slice(p.at + 2, end)
  if (!isPosixClass(name)) throw new RegexpFailure('invalid character class range', `[:${name}:]`)
  p.at = end + 2
  return true
}

/** Reads one character or a range of them. */
function readRange(p: Pattern, classFrom: number): void {
  const from = p.at
  const low = readMember(p, classFrom)
  if (!p.has('-') || p.charAt(1) === '' || p.charAt(1) === ']') return
  p.at++
  if (readMember(p, classFrom) < low) {
    throw new RegexpFailure('invalid character class range', p.since(from))
  }
}

function readMember(p: Pattern, classFrom: number): number {
  if (p.isAtEnd) throw new RegexpFailure('missing closing ]', p.text.slice(classFrom))
  return p.has('\\') ? readEscape(p) : (p.take().codePointAt(0) as number)
}
