/** A server-sent event. */
export interface ServerSentEvent {
  /** `message` unless the stream names another. */
  readonly type: string
  readonly data: string
  /** The latest id in the stream; `""` before the first. */
  readonly id: string
}

/** The longest event, in characters: a thousand names of users, and then some. */
const MAX_LENGTH = 4 * 1024 * 1024

/**
 * Reads an event stream (WHATWG HTML §9.2.6) piece by piece, wherever it is cut. An event that is not complete when the
 * stream ends is dropped.
 *
 * @returns a function that takes the next piece, and throws a TypeError if it is not UTF-8, or an event is too long
 */
export function createEventParser(
  onEvent: (event: ServerSentEvent) => void,
  maxLength: number = MAX_LENGTH,
): (piece: Uint8Array) => void {
  // A name with replaced characters would be another name. Node.js 24 and 26 take away two byte order marks if the first
  // comes in parts, so the one is left to us
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let isAtStart = true
  let rest = ''
  let isAfterReturn = false
  let [type, data, id] = ['', [] as string[], '']
  let length = 0 // of the event so far

  function take(line: string): void {
    if (line === '') {
      const event = { type: type || 'message', data: data.join('\n'), id }
      const isEvent = data.length > 0
      ;[type, data, length] = ['', [], 0]
      if (isEvent) onEvent(event)
      return
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/su.exec(line) as RegExpExecArray
    length += line.length
    if (field === 'data') data.push(value)
    else if (field === 'event') type = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  return function parse(piece) {
    let text = decoder.decode(piece, { stream: true })
    if (text === '') return
    if (isAtStart && text.startsWith('\uFEFF')) text = text.slice(1)
    isAtStart = false
    if (isAfterReturn && text.startsWith('\n')) text = text.slice(1)
    isAfterReturn = text.endsWith('\r')
    const [first = '', ...lines] = text.split(/\r\n|\r|\n/)
    lines.unshift(rest + first)
    rest = lines.pop() as string
    for (const line of lines) {
      take(line)
      if (length > maxLength) break
    }
    if (rest.length + length > maxLength) throw new TypeError('an event is too long')
  }
}
