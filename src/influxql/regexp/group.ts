import { type Pattern, RegexpFailure } from './pattern.js'

/** Reads what opens a group, or flags that stand for themselves; whether a group has been opened. */
export function readOpening(p: Pattern): boolean {
  if (!p.has('(?')) {
    p.at++
    return true
  }
  if (p.has('(?P<') && p.charAt(4) !== '') return readCaptureName(p)
  return readFlags(p)
}

function readCaptureName(p: Pattern): true {
  const from = p.at
  const end = p.text.indexOf('>', from)
  if (end < 0) throw new RegexpFailure('invalid named capture', p.text.slice(from))
  p.at = end + 1
  if (!/^\(\?P<[0-9A-Za-z_]+>$/.test(p.since(from))) {
    throw new RegexpFailure('invalid named capture', p.since(from))
  }
  return true
}

/** Reads `(?i)` or `(?i:`; a minus turns off the flags behind it, of which there must be one. */
function readFlags(p: Pattern): boolean {
  const from = p.at
  p.at += 2
  let isNegated = false
  let hasFlag = false
  while (!p.isAtEnd) {
    const char = p.take()
    if (char !== '' && 'imsU'.includes(char)) {
      hasFlag = true
    } else if (char === '-' && !isNegated) {
      isNegated = true
      hasFlag = false
    } else if ((char === ':' || char === ')') && (hasFlag || !isNegated)) {
      return char === ':'
    } else break
  }
  throw new RegexpFailure('invalid or unsupported Perl syntax', p.since(from))
}
