/** A number as JSON writes it: 64-bit integers do not fit a JavaScript number. */
export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A list is in the answer to `SHOW SUBSCRIPTIONS` only. */
export type Value = string | number | boolean | null | ExactNumber | readonly string[]

/** One series of a result. */
export interface Row {
  readonly name?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly columns: readonly string[]
  /** Left out if there are none. */
  readonly values?: readonly (readonly Value[])[] | undefined
  readonly partial?: boolean | undefined
}

export interface Message {
  readonly level: string
  readonly text: string
}

/** What one statement came to, as InfluxDB answers it. */
export interface Result {
  readonly statementId: number
  readonly series?: readonly Row[] | undefined
  readonly messages?: readonly Message[] | undefined
  readonly partial?: boolean | undefined
  readonly error?: string | undefined
}
