const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })

const ASCII = /^[\x20-\x7e]*$/

/** What adds nothing to the width: combining marks, joiners. */
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** What takes two columns (UAX #11, "W" and "F", by script and block) or is shown as an emoji. */
const WIDE =
  /^(?:[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}]|[\u3000-\u303e\u30a0-\u30ff\u3130-\u318f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u

/** How many columns of a terminal a text takes. It holds no control characters. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const { segment } of GRAPHEMES.segment(text)) width += graphemeWidth(segment)
  return width
}

function graphemeWidth(grapheme: string): number {
  if (NOTHING.test(grapheme)) return 0
  if (/^[\uff61-\uffdc]/.test(grapheme)) return 1 // halfwidth forms
  return WIDE.test(grapheme) ? 2 : 1
}
