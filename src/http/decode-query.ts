import { isUtf8 } from 'node:buffer'

const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20

/** What reads the same decoded: printable ASCII without `%` and `+`. */
const PLAIN = /^[ !-$&-*,-~]*$/

/**
 * Decodes `+` and escapes of a query (application/x-www-form-urlencoded); undefined where an escape is broken or the bytes
 * are not UTF-8. A target has one character for each byte.
 */
export function decodeQuery(text: string): string | undefined {
  if (PLAIN.test(text)) return text
  let decoded = ''
  for (let at = 0; at < text.length; at++) {
    const byte = byteAt(text, at)
    if (byte === undefined) return undefined
    // Most is ASCII, and a query may have thousands of names
    if (byte > 0x7f) return decodeUtf8(text)
    if (text.charCodeAt(at) === PERCENT) at += 2
    decoded += String.fromCharCode(byte)
  }
  return decoded
}

function decodeUtf8(text: string): string | undefined {
  const bytes = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const byte = byteAt(text, at)
    if (byte === undefined) return undefined
    if (text.charCodeAt(at) === PERCENT) at += 2
    bytes[length++] = byte
  }
  const written = bytes.subarray(0, length)
  const decoded = isUtf8(written) ? written.toString() : undefined
  bytes.fill(0) // small buffers share memory, in which a password would stay for long
  return decoded
}

/** The byte that is written at `at`; undefined for a broken escape, or a character that is not a byte. */
function byteAt(text: string, at: number): number | undefined {
  const code = text.charCodeAt(at)
  if (code === PLUS) return SPACE
  if (code !== PERCENT) return code > 0xff ? undefined : code
  const high = hexDigit(text.charCodeAt(at + 1))
  const low = hexDigit(text.charCodeAt(at + 2))
  return high < 0 || low < 0 ? undefined : high * 16 + low
}

/** The value of a hexadecimal digit; -1 if it is not one. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
