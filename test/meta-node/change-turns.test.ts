// Changes with a password wait for their turn. What becomes of those that wait when the caller loses a right meanwhile.
import { expect, test } from 'vitest'
import type { PasswordHasher } from '../../src/authn/passwords/hasher.js'
import { CLUSTER, type Permission, type Permissions } from '../../src/authz/permission.js'
import { AuthError } from '../../src/errors.js'
import type { Caller } from '../../src/meta-node/access.js'
import type { ChangeReport } from '../../src/registry/changes/change-report.js'
import { startNode } from '../registry/node-bench.js'
import { until } from '../support/until.js'

const holding = (...names: Permission[]): Permissions => new Map([[CLUSTER, new Set(names)]])
const keeper = (...names: Permission[]): Caller => ({ kind: 'user', name: 'keeper', permissions: holding(...names) })
const refused = (): Caller => { throw new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed') }

const AT_ONCE = 4
/** Before and after the body of each, and once more in the turn of those that have one. */
const ASKED = 2 * (AT_ONCE + 1) + AT_ONCE
const BEFORE = keeper('CreateUserAndRole', 'KapacitorAPI')

test.each<[string, () => Caller, string, number, ChangeReport['outcome']]>([
  // the caller                           is then                                of whom  waiting  reported
  ['is who they were',                    () => BEFORE,                          'ann',   200,     'made'],
  ['may not change users any more',       () => keeper('KapacitorAPI'),          'ann',   403,     'refused'],
  ['holds less than the user',            () => keeper('CreateUserAndRole'),     'ann',   403,     'refused'],
  ['is gone, or has another password',    refused,                               'ann',   401,     'refused'],
  ['changes their own password still',    () => keeper(),                        'keeper', 200,    'made'],
])('who waits and %s', async (_says, then, of, status, outcome) => {
  let hashed = 0
  let release = () => {}
  const held = new Promise<void>((resolve) => { release = resolve })
  const hasher: PasswordHasher = {
    async hash() {
      hashed++
      await held
      return 'hash'
    },
    compare: async () => false,
    close: async () => {},
  }
  let asked = 0
  let callerNow = () => BEFORE
  const reports: ChangeReport[] = []
  const { registry, post } = await startNode({
    hasher,
    authenticate: async () => { asked++; return callerNow() },
    onChange: (_source, report) => void reports.push(report),
  })
  await registry.createUser('keeper', 'before')
  await registry.createUser('ann', 'before', holding('KapacitorAPI'))
  const body = JSON.stringify({ action: 'change-password', user: { name: of, password: 'x' } })
  const answers = Array.from({ length: AT_ONCE + 1 }, () => post('/user', undefined, { body }))
  await until(() => hashed === AT_ONCE && asked === ASKED) // one waits
  callerNow = then
  release()
  const statuses = (await Promise.all(answers)).map((answer) => answer.status).sort()
  expect(statuses).toEqual([...Array(AT_ONCE).fill(200), status])
  expect(reports.map((report) => report.outcome).filter((one) => one === 'refused')).toEqual(outcome === 'refused' ? ['refused'] : [])
})
