import { expect, test } from 'vitest'
import type { ChangeReport } from '../../src/registry/changes/change-report.js'
import { createRegistry } from '../../src/registry/registry.js'
import { auditedTokens } from '../../src/serve/subscriptions/audited-tokens.js'
import { registryTokens } from '../../src/subscriptions/registry-tokens.js'
import { digestOf } from '../../src/token/own-token.js'
import { openStore } from '../registry/temporary.js'

test("19: what the keeper makes and revokes is reported, without the token's text and digest", async () => {
  const reports: [object, ChangeReport][] = []
  const tokens = registryTokens(auditedTokens(createRegistry(await openStore()), (source, report) => void reports.push([source, report])))
  const { id, token } = await tokens.create({ database: 'db', policy: 'rp', name: 's', gateway: 'gw' })
  await tokens.revoke(id)
  await tokens.revoke(id)
  await expect(tokens.revoke('0190a0b0-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  const source = { via: 'command', command: 'subscriptions' }
  const shape = { id, database: 'db', policy: 'rp', name: 's', gateway: 'gw', createdAt: expect.any(String) }
  expect(reports).toEqual([
    [source, { change: 'create', subject: 'subscription', name: id, outcome: 'made', after: shape }],
    [source, { change: 'revoke', subject: 'subscription', name: id, outcome: 'made', before: shape, after: { ...shape, revokedAt: expect.any(String) } }],
    [source, { change: 'revoke', subject: 'subscription', name: id, outcome: 'unchanged' }],
    [source, { change: 'revoke', subject: 'subscription', name: '0190a0b0-0000-7000-8000-000000000000', outcome: 'refused', code: 'ERR_NOT_FOUND' }],
  ])
  for (const secret of [token, digestOf(token)]) expect(JSON.stringify(reports)).not.toContain(secret)
})
