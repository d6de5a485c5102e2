/** Where something stands in a text, both counted from 1; a character is a Unicode code point. */
export interface Position {
  line: number
  char: number
}

/**
 * The position of a character.
 *
 * @param offset in UTF-16 code units. The end of the text may be read more than once: from the second time on it is
 *   said to stand one character further right, as the real scanner has it.
 */
export function positionOf(text: string, offset: number): Position {
  const end = Math.min(Math.max(offset, 0), text.length)
  let line = 1
  let start = 0
  for (;;) {
    const newline = text.indexOf('\n', start)
    if (newline < 0 || newline >= end) break
    line++
    start = newline + 1
  }
  return { line, char: codePoints(text, start, end) + (offset > text.length ? 2 : 1) }
}

/** How many code points begin in a part of a text, a pair cut in two at its end not counted. */
function codePoints(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) {
    const isPair = (text.codePointAt(at) ?? 0) > 0xffff
    if (isPair && at + 1 === to) break
    if (isPair) at++
    count++
  }
  return count
}
