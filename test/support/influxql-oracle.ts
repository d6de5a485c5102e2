import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SOURCE = join(import.meta.dirname, 'influxql-oracle', 'main.go')

/** The one who knows: what a query is to the real InfluxQL library. */
export interface Question {
  query: string
  /** The text of a JSON object. */
  params?: string
  /** The same query as we print it. */
  printed?: string | undefined
}

export interface Answer {
  error?: string
  texts: string[] | null
  privileges: { admin: boolean; database: string; privilege: string }[][] | null
  /** Why the printed query is another one; absent if it is the same. */
  differs?: string
  /** Whether its own text is another query, or none. */
  lossy?: boolean
}

/** Why there is no oracle on this machine; undefined if there can be one. */
export function whyNoOracle(): string | undefined {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    execFileSync('go', ['list', 'github.com/influxdata/influxql'], { env: goEnv(), stdio: 'ignore' })
  } catch {
    return 'needs Go and the InfluxQL library: apt-get install golang-go golang-github-influxdata-influxql-dev'
  }
  return undefined
}

/** Go as Debian installs it: libraries are sources below one GOPATH, nothing is fetched. */
function goEnv(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: join(tmpdir(), 'influxql-oracle-cache'),
    GOFLAGS: '-trimpath',
    CGO_ENABLED: '0',
  }
}

/** Builds the oracle; the second time it takes what Go remembers. */
export function buildOracle(): string {
  const folder = join(tmpdir(), 'influxql-oracle-cache')
  mkdirSync(folder, { recursive: true })
  const program = join(folder, `oracle-${process.pid}`)
  execFileSync('go', ['build', '-o', program, SOURCE], { env: goEnv() })
  return program
}

/** A running oracle: questions in order, answers in the same order. */
export class Oracle {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  constructor(program: string) {
    this.#child = spawn(program)
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async ask(questions: readonly Question[]): Promise<Answer[]> {
    const lines = questions.map(({ query, params, printed }) => {
      const parts = [`"query":${JSON.stringify(query)}`]
      if (params !== undefined) parts.push(`"params":${params}`)
      if (printed !== undefined) parts.push(`"printed":${JSON.stringify(printed)}`)
      return `{${parts.join(',')}}\n`
    })
    this.#child.stdin.write(lines.join(''))
    const answers: Answer[] = []
    while (answers.length < questions.length) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error('the oracle has ended')
      answers.push(JSON.parse(value) as Answer)
    }
    return answers
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdin.end()
    await closed
  }
}
