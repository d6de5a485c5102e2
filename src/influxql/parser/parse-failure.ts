/** What is wrong with a query. */
export interface ParseError {
  /** InfluxDB's own words, with line and character. May hold a misquoted password: show it to the caller only. */
  message: string
  /** The same with `[REDACTED]` for what may be a value: fit for logs. */
  redacted: string
}

/** Leaves the parser from any depth; `parseQuery` turns it into an answer. */
export class ParseFailure extends Error {
  readonly redacted: string

  constructor(message: string, redacted: string = message) {
    super(message)
    this.redacted = redacted
  }
}
