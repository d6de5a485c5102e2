import { expect, test } from 'vitest'
import { tokenKey } from '../../src/authn/directory/account-key.js'
import type { Found } from '../../src/authn/directory/directory.js'
import { createTokenAccount } from '../../src/authn/directory/token-account.js'
import { createSubjectList } from '../../src/authn/subjects/subject-list.js'
import { createSubjects } from '../../src/authn/subjects/subjects.js'
import { withSubjects } from '../../src/authn/subjects/with-subjects.js'
import type { RefusedToken } from '../../src/errors.js'

const DIGEST = 'a'.repeat(64)
const NOT_LISTED: RefusedToken = { id: 'f00d', reason: 'owner not listed' }
const of = (issuer: string, subject: string) => createTokenAccount({ id: 'f00d', digest: DIGEST, owner: { kind: 'subject', issuer, subject, roles: ['ops'] }, permissions: new Map() })
const LISTED = () => createSubjectList({ members: ['mia'] })

test.each<[string, Found, boolean, unknown]>([
  // says                                            what the registry says                   is struck meanwhile    what is found
  ['of somebody who is listed',                      of('https://sso', 'mia'),                false,                 { user: { tokenId: 'f00d' } }],
  ['of a stranger',                                  of('https://sso', 'eve'),                false,                 NOT_LISTED],
  ['of the same id elsewhere',                       of('https://elsewhere', 'mia'),          false,                 NOT_LISTED],
  ['of one who is struck while the roles are read',  of('https://sso', 'mia'),                true,                  NOT_LISTED],
  ['that is refused already',                        { id: 'f00d', reason: 'revoked' },       false,                 { id: 'f00d', reason: 'revoked' }],
  ['that nobody made',                               { reason: 'unknown' },                   false,                 { reason: 'unknown' }],
  ['of which nothing is known',                      undefined,                               false,                 undefined],
])('a token %s', async (_says, found, isStruck, expected) => {
  const subjects = createSubjects(LISTED(), async () => ['https://sso'])
  const directory = withSubjects({
    find: async () => found,
    checkPassword: async () => false,
    async role() {
      if (isStruck) subjects.use(createSubjectList({}))
      return undefined
    },
  }, subjects)
  const answer = await directory.find(tokenKey(DIGEST))
  if (!expected) expect(answer).toBeUndefined()
  else expect(answer).toMatchObject(expected)
  if (answer && 'reason' in answer) expect(answer).toEqual(expected)
})
