/**
 * A name in lower case as Go makes it: each character for itself, and one character stays one (JavaScript turns `İ` into
 * two, and looks at a `Σ`'s neighbours).
 */
export function lowerCase(name: string): string {
  if (isAscii(name)) return name.toLowerCase()
  let lower = ''
  for (const char of name) {
    lower += String.fromCodePoint(char.toLowerCase().codePointAt(0) as number)
  }
  return lower
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return false
  }
  return true
}
