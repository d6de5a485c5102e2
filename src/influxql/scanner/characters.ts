/** The character codes that the grammar knows. */
export const NEWLINE = 0x0a
export const QUOTE = 0x27
export const DOUBLE_QUOTE = 0x22
export const BACKSLASH = 0x5c
export const SLASH = 0x2f
export const STAR = 0x2a
export const DOT = 0x2e
export const MINUS = 0x2d
export const COLON = 0x3a
export const DOLLAR = 0x24

/** What is read behind the last character. */
export const END = -1

const MICRO = 0xb5

export function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === NEWLINE
}

export function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Whether a bare name may begin with it. */
export function isNameStart(code: number): boolean {
  return isLetter(code) || code === 0x5f
}

/** Whether a bare name may go on with it. */
export function isNamePart(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === 0x5f
}

/** Whether a unit of time may be written with it: `h`, `ms`, `µ`. */
export function isUnitPart(code: number): boolean {
  return isLetter(code) || code === MICRO
}
