import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { rejected } from '../../../src/authn/credentials.js'
import { AuthError, type RefusedToken } from '../../../src/errors.js'
import { createIdentify } from '../../../src/gateway/influxdb/credentials/identify.js'

const REVOKED: RefusedToken = { id: 'f00d', reason: 'revoked' }
const OWN = `kapa1_${'0'.repeat(64)}`
const own = new AuthError('ERR_TOKEN_INVALID', 'invalid token: …', { token: REVOKED })
const refused = new AuthError('ERR_CREDENTIALS_REJECTED', 'no', { token: REVOKED })

test.each<[string, string, AuthError, string, RefusedToken | undefined]>([
  // says                                      header             answer       message             token
  ['an own token',                             `Token ${OWN}`,    own,         'invalid token: …', REVOKED],
  ['an own token, as bearer',                  `Bearer ${OWN}`,   own,         'invalid token: …', REVOKED],
  ['a bearer token of a user who is gone',     'Bearer a.b.c',    rejected(),  'user not found',   undefined],
  ['one that is said in other words',          'Bearer a.b.c',    refused,     'user not found',   REVOKED],
])("a refusal in InfluxDB's words keeps what the log says of the token: %s", async (_says, authorization, answer, message, token) => {
  for (const given of [answer, Promise.resolve(answer)]) {
    const identify = createIdentify({ authenticator: { authenticate: () => given, forget: () => {} }, originOf: () => undefined, takesBearer: true })
    const said = await identify({ rawHeaders: ['Authorization', authorization], url: '/query' } as IncomingMessage).answer
    expect(said).toMatchObject({ status: 401, message })
    expect((said as AuthError).token).toEqual(token)
  }
})
