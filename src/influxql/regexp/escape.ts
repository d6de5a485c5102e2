import { type Pattern, RegexpFailure } from './pattern.js'

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
])

const MAX_CODE_POINT = 0x10ffff

/** Reads an escaped character and returns its code point. */
export function readEscape(p: Pattern): number {
  const from = p.at++
  if (p.isAtEnd) throw new RegexpFailure('trailing backslash at end of expression', '')
  const char = p.take()
  const code =
    SIMPLE.get(char) ??
    readPunctuation(char) ??
    readOctal(p, char) ??
    (char === 'x' ? readHex(p) : undefined)
  if (code === undefined) throw new RegexpFailure('invalid escape sequence', p.since(from))
  return code
}

/** Any ASCII character that is neither a letter nor a digit stands for itself. */
function readPunctuation(char: string): number | undefined {
  return char < '\x80' && !/[0-9A-Za-z]/.test(char) ? char.charCodeAt(0) : undefined
}

/** `\0` to `\077`; `\1` to `\7` only with a digit behind, otherwise it would be a reference to a group. */
function readOctal(p: Pattern, first: string): number | undefined {
  if (!isOctal(first) || (first !== '0' && !isOctal(p.charAt(0)))) return undefined
  let digits = first
  while (digits.length < 3 && isOctal(p.charAt(0))) digits += p.take()
  return Number.parseInt(digits, 8)
}

function isOctal(char: string): boolean {
  return char >= '0' && char <= '7' && char.length === 1
}

/** `\x7f` or `\x{10ffff}` */
function readHex(p: Pattern): number | undefined {
  if (p.isAtEnd) return undefined
  const first = p.take()
  if (first !== '{') {
    const second = p.take()
    return isHex(first) && isHex(second) ? Number.parseInt(first + second, 16) : undefined
  }
  let code = -1
  for (;;) {
    if (p.isAtEnd) return undefined
    const char = p.take()
    if (char === '}') return code < 0 ? undefined : code
    if (!isHex(char)) return undefined
    code = Math.max(code, 0) * 16 + Number.parseInt(char, 16)
    if (code > MAX_CODE_POINT) return undefined
  }
}

function isHex(char: string): boolean {
  return /^[0-9A-Fa-f]$/.test(char)
}
