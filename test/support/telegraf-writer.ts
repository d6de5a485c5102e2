import { gzipSync } from 'node:zlib'

export interface Written {
  readonly created: 'created' | 'refused' | 'not needed'
  /** `retried`: kept, and sent again with the next batch. */
  readonly written: 'written' | 'retried' | 'dropped'
  readonly error?: string
}

/**
 * Writes as Telegraf's output plugin `influxdb` does: `CREATE DATABASE` before the first write, of which a refusal is only
 * warned of; then points as gzip to `/write`. 400 drops the batch, 204 is done, everything else keeps it.
 */
export class TelegrafWriter {
  readonly #url: string
  readonly #database: string
  readonly #headers: Record<string, string>
  #isCreated = false

  constructor(url: string, database: string, headers: Record<string, string>) {
    this.#url = url
    this.#database = database
    this.#headers = { 'User-Agent': 'Telegraf/1.30', ...headers }
  }

  async write(lines: string): Promise<Written> {
    const created = this.#isCreated ? 'not needed' : await this.#create()
    const answer = await fetch(`${this.#url}/write?${new URLSearchParams({ consistency: 'any', db: this.#database, precision: 'ns' })}`, {
      method: 'POST',
      headers: { ...this.#headers, 'Content-Type': 'text/plain; charset=utf-8', 'Content-Encoding': 'gzip' },
      body: gzipSync(lines),
    })
    if (answer.status === 204) return { created, written: 'written' }
    const { error } = await answer.json() as { error: string }
    return { created, written: answer.status === 400 ? 'dropped' : 'retried', error }
  }

  async #create(): Promise<Written['created']> {
    const answer = await fetch(`${this.#url}/query`, {
      method: 'POST',
      headers: { ...this.#headers, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ q: `CREATE DATABASE "${this.#database}"` }).toString(),
    })
    const { results } = await answer.json() as { results?: { error?: string }[] }
    this.#isCreated = answer.status === 200 && results?.[0]?.error === undefined
    return this.#isCreated ? 'created' : 'refused'
  }
}
