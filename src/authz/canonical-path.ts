import { isUtf8 } from 'node:buffer'

/** Paths that are canonical as they stand: no escape, no segment that is empty or starts with a dot. */
const PLAIN = /^(?:\/[\w!$&'()*+,:;=@~-][\w!$&'()*+,:;=@~.-]*)*\/?$/

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/** A segment `.` or `..`, to servers that take backslashes for slashes. */
const DOTS = /[/\\]\.{1,2}(?:[/\\]|$)/

/** An event of a topic. Its ID may have backslashes, where it names a disk of Windows: Kapacitor takes them for letters. */
const EVENT = /^\/kapacitor\/v1(?:preview)?\/alerts\/topics\/[^/\\]+\/events\/[^/]+$/

const PERCENT = 0x25
const SLASH = 0x2f

/**
 * The path of a request target (RFC 9112 §3.2.1, origin-form), percent-decoded once: the one path that is
 * judged, and forwarded.
 *
 * @returns undefined for whatever two readers could read differently: absolute-form and `*`, a fragment,
 *   empty, `.` and `..` segments (a last slash is kept), encoded slashes, backslashes (but encoded ones in the ID of an
 *   event), control characters, broken escapes, bytes that are not UTF-8
 */
export function canonicalPath(target: string): string | undefined {
  const query = target.indexOf('?')
  const raw = query < 0 ? target : target.slice(0, query)
  if (raw === '' || target.includes('#')) return undefined
  if (PLAIN.test(raw)) return raw
  const path = raw.startsWith('/') ? decode(raw) : undefined
  if (path === undefined || CONTROL.test(path)) return undefined
  if (path.includes('\\') && (raw.includes('\\') || !EVENT.test(path) || DOTS.test(path))) {
    return undefined
  }
  const segments = path.split('/')
  const clean = segments.every(
    (segment, i) =>
      segment !== '.' &&
      segment !== '..' &&
      (segment !== '' || i === 0 || i === segments.length - 1),
  )
  return clean ? path : undefined
}

/** Percent-decodes into UTF-8; undefined for a broken escape, an escaped slash, or other bytes. */
function decode(raw: string): string | undefined {
  const bytes = Buffer.alloc(raw.length)
  let length = 0
  for (let i = 0; i < raw.length; i++) {
    let byte = raw.charCodeAt(i)
    if (byte > 0xff) return undefined
    if (byte === PERCENT) {
      const hex = raw.slice(i + 1, i + 3)
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return undefined
      byte = Number.parseInt(hex, 16)
      if (byte === SLASH) return undefined
      i += 2
    }
    bytes[length++] = byte
  }
  const decoded = bytes.subarray(0, length)
  return isUtf8(decoded) ? decoded.toString() : undefined
}
