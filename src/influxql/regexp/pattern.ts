/** Why a regular expression is refused, in Go's words. */
export type RegexpErrorCode =
  | 'invalid character class range'
  | 'invalid escape sequence'
  | 'invalid named capture'
  | 'invalid or unsupported Perl syntax'
  | 'invalid nested repetition operator'
  | 'invalid repeat count'
  | 'missing closing ]'
  | 'missing closing )'
  | 'missing argument to repetition operator'
  | 'trailing backslash at end of expression'
  | 'unexpected )'
  | 'expression nests too deeply'

/** Leaves the check from any depth. */
export class RegexpFailure extends Error {
  constructor(code: RegexpErrorCode, part: string) {
    super(`error parsing regexp: ${code}: \`${part}\``)
  }
}

/** A regular expression that is being read. */
export class Pattern {
  readonly text: string
  /** Where the last `:]` is, so that nobody looks for one in vain; -1 if there is none. */
  readonly lastPosixEnd: number
  /** Where to read next. */
  at = 0

  constructor(text: string) {
    this.text = text
    this.lastPosixEnd = text.lastIndexOf(':]')
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** Whether these characters are next. */
  has(part: string, offset = 0): boolean {
    return this.text.startsWith(part, this.at + offset)
  }

  /** The character at an offset from here; empty behind the end. */
  charAt(offset: number): string {
    return this.text.charAt(this.at + offset)
  }

  /** Reads a code point; empty behind the end. */
  take(): string {
    const point = this.text.codePointAt(this.at)
    if (point === undefined) return ''
    const char = String.fromCodePoint(point)
    this.at += char.length
    return char
  }

  /** What has been read since `from`. */
  since(from: number): string {
    return this.text.slice(from, this.at)
  }
}
