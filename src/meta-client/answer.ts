/** What a meta node said, whatever the status. */
export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: Uint8Array
  /** How many changes the node knew of (`Influxdb-Metaindex`), if it says. */
  readonly index?: number | undefined
}

/** Why there is no answer: the code of a network, TLS or HTTP error, or `ETIMEDOUT`. */
export interface Failure {
  readonly failure: string
}
