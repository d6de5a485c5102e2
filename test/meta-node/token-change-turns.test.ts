// Changes of tokens wait for their turn. What becomes of those that wait when the caller loses a right meanwhile.
import { Readable } from 'node:stream'
import type { Context } from 'koa'
import { expect, test } from 'vitest'
import { CLUSTER, type Permission } from '../../src/authz/permission.js'
import { AuthError } from '../../src/errors.js'
import { type Caller, mayChange } from '../../src/meta-node/access.js'
import type { Admission } from '../../src/meta-node/admission.js'
import { AT_ONCE, createTokenChangePath } from '../../src/meta-node/tokens/token-change-path.js'
import type { TokenRoutesOptions } from '../../src/meta-node/tokens/token-routes-options.js'
import type { ChangeReport } from '../../src/registry/changes/change-report.js'
import { until } from '../support/until.js'

const ann = (...names: Permission[]): Caller => ({ kind: 'user', name: 'ann', permissions: new Map([[CLUSTER, new Set(names)]]) })
const BEFORE = ann('CreateUserAndRole')

test.each<[string, () => Caller, string]>([
  // the caller             is then                                                                          the change
  ['is who they were',      () => BEFORE,                                                                    'made'],
  ['has lost the right',    () => ann(),                                                                     'ERR_PRIVILEGE_MISSING'],
  ['is gone',               () => { throw new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed') }, 'ERR_CREDENTIALS_REJECTED'],
])('who waits and %s', async (_says, then, expected) => {
  let callerNow = () => BEFORE
  const admission: Admission = { admit: async (_ctx, decide) => decide(async () => callerNow()) }
  const reports: ChangeReport[] = []
  const onChange = (_source: unknown, report: ChangeReport) => void reports.push(report)
  const path = createTokenChangePath({ admission, onChange, isAuthenticated: true } as unknown as TokenRoutesOptions)
  let release = () => {}
  const held = new Promise<void>((resolve) => { release = resolve })
  const working: Caller[] = []
  async function change(): Promise<string> {
    const ctx = { req: Object.assign(Readable.from([]), { headers: {} }) } as unknown as Context
    const admitted = await path.admit(ctx, () => undefined, (caller) => {
      const refusal = mayChange(caller)
      if (refusal) throw refusal
    })
    admittedCount++
    return path.make(ctx, admitted, { change: 'create', subject: 'token' }, async (caller) => {
      working.push(caller)
      await held
      return { result: 'made', id: '1', after: {} }
    })
  }
  let admittedCount = 0
  const answers = Array.from({ length: AT_ONCE + 1 }, () => change().catch(({ code }) => code))
  await until(() => admittedCount === AT_ONCE + 1 && working.length === AT_ONCE)
  callerNow = then
  release()
  expect((await Promise.all(answers)).sort()).toEqual([...Array(AT_ONCE).fill('made'), expected].sort())
  expect(working.length).toBe(expected === 'made' ? AT_ONCE + 1 : AT_ONCE)
  expect(reports.filter(({ outcome }) => outcome === 'refused').length).toBe(expected === 'made' ? 0 : 1)
})
