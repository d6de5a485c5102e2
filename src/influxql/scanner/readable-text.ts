/**
 * A text as the scanner reads it: every line break is `\n`, and half a surrogate pair is U+FFFD, which is what becomes of it on
 * its way.
 */
export function readableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return wellFormed.includes('\r') ? wellFormed.replace(/\r\n?/g, '\n') : wellFormed
}
