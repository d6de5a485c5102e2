import { AuthError } from '../../../errors.js'
import type { Statement } from '../../../influxql/ast/statement.js'
import { printStatement } from '../../../influxql/print.js'
import type { Upstream } from '../../connections/upstream.js'
import { unavailable } from '../../connections/upstream-error.js'
import type { Banner } from '../answer/influxdb-headers.js'
import type { StatementOutcome } from '../query/statement-result.js'
import { type ForwardedParameters, queryForm, queryTarget } from '../request/query-form.js'
import { askUpstream, type WholeAnswer } from './ask-upstream.js'
import { parseResults } from './parse-results.js'

/** The InfluxDB behind the gateway, as it is asked by the gateway itself. */
export interface Engine {
  /**
   * Runs one statement, and waits for all of its result.
   *
   * @throws AuthError as `askUpstream`
   */
  run(statement: Statement, parameters?: RunParameters): Promise<StatementOutcome>

  /**
   * Runs several in one request, one after the other, up to the first that fails.
   *
   * @throws AuthError as `askUpstream`
   */
  runAll(statements: readonly Statement[]): Promise<readonly StatementOutcome[]>

  /** The same in chunks, as InfluxDB cuts them. @throws AuthError as `askUpstream` */
  runChunked(
    statement: Statement,
    parameters: RunParameters & Pick<ForwardedParameters, 'chunkSize'>,
  ): Promise<readonly StatementOutcome[]>

  /** The names of all databases. @throws AuthError as `askUpstream` */
  databases(): Promise<readonly string[]>

  /** What it says of itself, as far as it has been heard. */
  banner(): Banner

  /** Asks what it says of itself; nothing if it does not answer. */
  greet(): Promise<void>
}

export interface RunParameters extends Pick<ForwardedParameters, 'db' | 'rp' | 'epoch' | 'nodeId'> {
  /** As the client has asked: with GET, InfluxDB warns of statements that change something. @default POST */
  readonly method?: string | undefined
}

export function createEngine(upstream: Upstream): Engine {
  let known: Banner = { version: undefined, build: undefined }

  function hear({ headers }: WholeAnswer): void {
    const text = (value: string | string[] | undefined) =>
      typeof value === 'string' ? value : undefined
    known = {
      version: text(headers['x-influxdb-version']) ?? known.version,
      build: text(headers['x-influxdb-build']) ?? known.build,
    }
  }

  /** Sends statements, and resolves to the text of the answer. */
  async function send(
    statements: readonly Statement[],
    { method = 'POST', ...parameters }: RunParameters & ForwardedParameters,
  ): Promise<WholeAnswer> {
    const text = statements.map(printStatement).join(';')
    const form = queryForm(encodeURIComponent(text), parameters)
    const { target, body } = queryTarget(method, form, parameters)
    const answer = await askUpstream(
      upstream,
      body === undefined ? { method: 'GET', target } : { method: 'POST', target, form: body },
    )
    hear(answer)
    if (answer.status === 401) {
      throw unavailable(
        new AuthError(
          'ERR_UPSTREAM_UNAVAILABLE',
          'upstream asks for credentials of its own: set [gateway] influxdb-username, or switch its authentication off',
        ),
      )
    }
    return answer
  }

  async function run(
    statement: Statement,
    parameters: RunParameters = {},
  ): Promise<StatementOutcome> {
    const { status, text } = await send([statement], parameters)
    return outcomesOf(status, text)[0] ?? {}
  }

  return {
    run,
    async runAll(statements) {
      const { status, text } = await send(statements, {})
      return outcomesOf(status, text)
    },
    async runChunked(statement, parameters) {
      const { status, text } = await send([statement], { ...parameters, chunked: true })
      const outcomes = text
        .split('\n')
        .flatMap((line) => (line === '' ? [] : outcomesOf(status, line)))
      return outcomes.length === 0 ? [{}] : outcomes
    },
    async databases() {
      const { series = [], error } = await run({ kind: 'SHOW DATABASES' })
      if (error !== undefined) throw unavailable(new Error(error))
      const values = series[0]?.values ?? []
      return values.flatMap(([name]) => (typeof name === 'string' ? [name] : []))
    },
    banner: () => known,
    async greet() {
      await askUpstream(upstream, { method: 'GET', target: '/ping' }).then(hear, () => {})
    },
  }
}

/** What an answer, or one chunk of it, says of its statements. */
function outcomesOf(status: number, text: string): StatementOutcome[] {
  const parsed = parseResults(text)
  if (parsed === undefined) throw unavailable(new Error(`status ${status}, not a result`))
  if (parsed.error !== undefined) return [{ error: parsed.error }]
  return parsed.results.map(({ statementId: _, ...outcome }) => outcome)
}
