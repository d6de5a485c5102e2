// InfluxDB Enterprise and older versions take a new user and their permissions in two requests. What becomes of the user if
// the second one fails.
import { expect, test } from 'vitest'
import { AuthError, type AuthErrorCode } from '../../../src/errors.js'
import { createRemoteUsers } from '../../../src/gateway/kapacitor/users/remote-users.js'
import type { MetaEditor } from '../../../src/meta-client/editor.js'
import type { ChangeReport } from '../../../src/registry/changes/change-report.js'

const REFUSED: AuthErrorCode = 'ERR_CREDENTIALS_REJECTED'
const AWAY: AuthErrorCode = 'ERR_META_UNAVAILABLE'
const GONE: AuthErrorCode = 'ERR_NOT_FOUND'

test.each<[string, AuthErrorCode | undefined, AuthErrorCode | undefined, string[], AuthErrorCode | 'made', string]>([
  // the meta node                  grants     removes    so that it is asked to          the caller reads       of
  ['does both',                     undefined, undefined, ['create', 'grant'],            'made',                ''],
  ['goes away, and comes back',     AWAY,      undefined, ['create', 'grant', 'remove'],  AWAY,                  'no'],
  ['does not let the gateway grant', REFUSED,  undefined, ['create', 'grant', 'remove'],  'ERR_META_INVALID',    'users cannot be managed here'],
  ['goes away',                     AWAY,      AWAY,      ['create', 'grant', 'remove'],  AWAY,                  'user "ann" was created, but without permissions, and could not be removed again'],
  ['lets the gateway only create',  REFUSED,   REFUSED,   ['create', 'grant', 'remove'],  AWAY,                  'user "ann" was created, but without permissions, and could not be removed again'],
  ['has lost the user to somebody else', GONE, GONE,      ['create', 'grant', 'remove'],  GONE,                  'no'],
])('a meta node that %s', async (_says, grants, removes, asked, code, says) => {
  const done: string[] = []
  const step = (name: string, fails: AuthErrorCode | undefined) => async () => {
    done.push(name)
    if (fails) throw new AuthError(fails, 'no')
    return false
  }
  const editor = { user: async () => undefined, createUser: step('create', undefined), addPermissions: step('grant', grants), remove: step('remove', removes) }
  const reports: ChangeReport[] = []
  const by = { manager: undefined, requester: { origin: '' }, report: (report: ChangeReport) => void reports.push(report) } as never
  const user = { name: 'ann', password: 'pw of ann', permissions: new Set(['api'] as const) }
  const answer = await createRemoteUsers(editor as unknown as MetaEditor).create(user, by).then(() => ({ code: 'made', message: '' }), (error: AuthError) => error)
  expect([done, answer.code]).toEqual([asked, code])
  expect(answer.message).toContain(says)
  if (code !== 'made') expect(reports).toMatchObject([{ outcome: code === GONE ? 'refused' : 'failed', code, change: 'create', name: 'ann' }])
})
