import { AuthError } from '../../../errors.js'
import type { Fields } from '../request/form-fields.js'
import { goQuoted, type WriteTarget } from './write-endpoint.js'

/** How points are written; InfluxDB checks it. */
const OPTIONS = ['rp', 'precision', 'consistency'] as const

/** `POST /write?db=&rp=&precision=&consistency=`: of each the first counts, and goes on. */
export function readWrite(fields: Fields): WriteTarget | AuthError {
  const database = first(fields, 'db')
  if (database === '') return new AuthError('ERR_REQUEST_INVALID', 'database is required')
  const others = OPTIONS.map((name): Pair => [name, first(fields, name)])
  return { database, target: targetOf('/write', [['db', database], ...others]) }
}

/** `POST /api/v1/prom/write?db=&rp=`. */
export function readPrometheusWrite(fields: Fields): WriteTarget | AuthError {
  const database = first(fields, 'db')
  if (database === '') return new AuthError('ERR_REQUEST_INVALID', 'database is required')
  const query: Pair[] = [
    ['db', database],
    ['rp', first(fields, 'rp')],
  ]
  return { database, target: targetOf('/api/v1/prom/write', query) }
}

/** The precisions of InfluxDB 2, in the words of `/write`. */
const PRECISIONS = new Map([
  ['', ''],
  ['ns', 'n'],
  ['us', 'u'],
  ['ms', 'ms'],
  ['s', 's'],
])

/**
 * `POST /api/v2/write?bucket=db/rp&precision=`, as InfluxDB 1.8 takes it. It goes on as `/write`, which every 1.x has.
 */
export function readWriteV2(fields: Fields): WriteTarget | AuthError {
  const bucket = first(fields, 'bucket')
  const [database = '', ...policy] = bucket.split('/')
  if (database === '') return new AuthError('ERR_NOT_FOUND', bucketProblem(bucket))
  const given = first(fields, 'precision')
  const precision = PRECISIONS.get(given)
  if (precision === undefined) {
    const says = `invalid precision ${goQuoted(given)} (use ns, us, ms or s)`
    return new AuthError('ERR_REQUEST_INVALID', says)
  }
  const query: Pair[] = [
    ['db', database],
    ['rp', policy.join('/')],
    ['precision', precision],
  ]
  return { database, target: targetOf('/write', query) }
}

function bucketProblem(bucket: string): string {
  return bucket === ''
    ? 'bucket name "" is missing a slash; not in "database/retention-policy" format'
    : `bucket name ${goQuoted(bucket)} is in db/rp form but has an empty database`
}

type Pair = readonly [name: string, value: string]

const first = (fields: Fields, name: string) => fields.get(name)?.[0] ?? ''

export function targetOf(path: string, pairs: readonly Pair[]): string {
  const query = pairs.flatMap(([name, value]) =>
    value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}
