import type { Statement } from '../influxql/ast/statement.js'
import type { Policy, Subscription } from './influxdb-subscription.js'

/** What a statement came to. */
export interface Outcome {
  readonly series?:
    | readonly {
        readonly name?: string | undefined
        readonly tags?: Readonly<Record<string, string>> | undefined
        readonly columns: readonly string[]
        readonly values?: readonly (readonly unknown[])[] | undefined
      }[]
    | undefined
  readonly error?: string | undefined
}

/** The InfluxDB that has the subscriptions. Both reject if it cannot be asked. */
export interface SubscribedInfluxdb {
  databases(): Promise<readonly string[]>
  /** Runs statements in one request, one after the other, up to the first that fails. */
  runAll(statements: readonly Statement[]): Promise<readonly Outcome[]>
}

/** A refusal of InfluxDB's; the text holds no secrets. */
export class InfluxdbRefusal extends Error {}

/** The retention policies of all databases. @param stop throws between two statements */
export async function policiesOf(
  influxdb: SubscribedInfluxdb,
  stop: AbortSignal,
): Promise<readonly Policy[]> {
  const policies: Policy[] = []
  for (const database of await influxdb.databases()) {
    stop.throwIfAborted()
    const [outcome] = await influxdb.runAll([{ kind: 'SHOW RETENTION POLICIES', database }])
    // It was dropped since its name was read
    if (outcome?.error?.startsWith('database not found')) continue
    for (const policy of columnOf(required(outcome), 'name')) policies.push({ database, policy })
  }
  return policies
}

/** All subscriptions, also those that others have made. */
export async function subscriptionsOf(
  influxdb: SubscribedInfluxdb,
): Promise<readonly Subscription[]> {
  const [outcome] = await influxdb.runAll([{ kind: 'SHOW SUBSCRIPTIONS' }])
  const { series = [] } = required(outcome)
  return series.flatMap(({ name: database = '', columns, values = [] }) =>
    values.map((cells) => {
      const cell = (column: string) => cells[columns.indexOf(column)]
      return {
        database,
        policy: textOf(cell('retention_policy')),
        name: textOf(cell('name')),
        mode: textOf(cell('mode')),
        destinations: listOf(cell('destinations')),
      }
    }),
  )
}

/** Whether a statement failed since the subscription, its retention policy or its database is gone. */
export const isGone = (error: string): boolean => /\bnot found\b/.test(error)

/** What an error of InfluxDB's, of the way there or of the tokens says. They hold no secrets. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'InfluxDB cannot be asked'
  const { message, cause } = error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

/** @throws InfluxdbRefusal if it failed: what is not known must not look like nothing */
export function required(outcome: Outcome | undefined): Outcome {
  if (outcome?.error === undefined && outcome !== undefined) return outcome
  throw new InfluxdbRefusal(`InfluxDB: ${outcome?.error ?? 'no answer to a statement'}`)
}

function columnOf({ series = [] }: Outcome, column: string): readonly string[] {
  return series.flatMap(({ columns, values = [] }) =>
    values.map((cells) => textOf(cells[columns.indexOf(column)])),
  )
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const listOf = (value: unknown) => (Array.isArray(value) ? value.map(textOf) : [])
