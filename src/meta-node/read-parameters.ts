import { AuthError } from '../errors.js'
import { readParameter } from '../middleware/read-parameter.js'
import { indexOfMark } from '../registry/store/change-log.js'

/** The name of the one that is asked for; undefined for all, as which Kapacitor's meta client means an empty name. */
export function readNameParameter(target: string): string | undefined {
  return readParameter(target, 'name') || undefined
}

/** Whether users are asked for in the order of their creation, `order=created`, and not in that of their names. */
export function readIsByCreation(target: string): boolean {
  const order = readParameter(target, 'order') ?? 'name'
  if (order === 'name' || order === 'created') return order === 'created'
  throw new AuthError('ERR_REQUEST_INVALID', '"order" in the query is neither "name" nor "created"')
}

/**
 * The state since which changes are asked for; undefined for the latest one. What a returning client says
 * (`Last-Event-ID`) is newer than what is in the address that it came with.
 */
export function readSince(target: string, lastEventId: unknown): string | undefined {
  const isReturning = typeof lastEventId === 'string' && lastEventId !== ''
  const mark = isReturning ? lastEventId : readParameter(target, 'since')
  if (mark === undefined || indexOfMark(mark) !== undefined) return mark
  const what = isReturning ? 'Last-Event-ID' : '"since" in the query'
  throw new AuthError('ERR_REQUEST_INVALID', `${what} is not an index as in Influxdb-Metaindex`)
}
