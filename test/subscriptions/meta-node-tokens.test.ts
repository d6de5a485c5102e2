import { expect, test } from 'vitest'
import type { MetaClient } from '../../src/meta-client/client.js'
import type { SubscriptionEditor } from '../../src/meta-client/token-editor.js'
import { metaNodeTokens } from '../../src/subscriptions/meta-node-tokens.js'

const DIGEST = 'd'.repeat(64)
const FOUND = { id: 'i', database: 'db', policy: 'rp' }

test.each<[string, Awaited<ReturnType<MetaClient['subscriptionToken']>>, unknown]>([
  // says                          what the meta node says              what is found
  ['one that may be used',         FOUND,                               FOUND],
  ['a revoked one',                { id: 'i', reason: 'revoked' },      undefined],
  ['one that nobody made',         { reason: 'unknown' },               undefined],
  ['one of which nothing is said', undefined,                           undefined],
])('a subscription is kept with a good token only: %s', async (_says, answer, expected) => {
  const asked: unknown[] = []
  const client: Pick<MetaClient, 'subscriptionToken'> = { subscriptionToken: async (...args) => { asked.push(args); return answer } }
  expect(await metaNodeTokens({} as SubscriptionEditor, client).find(DIGEST)).toEqual(expected)
  expect(asked).toEqual([[DIGEST, true]]) // that is not a use
})
