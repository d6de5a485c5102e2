import nock from 'nock'
import { afterAll } from 'vitest'
import { createMetaClient } from '../../src/meta-client/client.js'
import { metaClientContract, SEED } from '../contract/meta-client-contract.js'
import { NODE } from './wire.js'

afterAll(() => nock.restore())

metaClientContract('a fake made with nock', async () => {
  nock.disableNetConnect()
  const { password, ...user } = SEED.user
  nock(`http://${NODE}`)
    .persist()
    .get(/.*/)
    .reply((uri) => {
      const { pathname, searchParams } = new URL(uri, 'http://meta')
      const known = searchParams.get('name') === user.name
      switch (pathname) {
        case '/user': return known ? [200, { users: [user] }] : [404, { error: 'user not found' }]
        case '/role': return [200, { roles: [SEED.role] }]
        case '/authorized': return known && searchParams.get('password') === password ? [200, {}] : [401, { error: 'authorization failed' }]
        default: return [404, { error: 'not found' }]
      }
    })
  return {
    client: createMetaClient({ addresses: [NODE] }),
    close: async () => nock.cleanAll(),
  }
})
