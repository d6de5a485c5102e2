import { describe, expect, test } from 'vitest'
import type { MetaClientEvent } from '../../src/meta-client/wire/event.js'
import { createEventLog, messageOf } from '../../src/meta-client/wire/log-events.js'
import { createManualClock } from '../support/manual-clock.js'

const NODE = 'http://m:1'
const failed = (code = 'ECONNREFUSED', node = NODE): MetaClientEvent => ({ event: 'attempt-failed', node, path: '/user', code })

function setUp() {
  const now = createManualClock()
  const lines: string[] = []
  const line = (level: string) => (fields: object, message: string) => {
    const { repeated } = fields as { repeated?: number }
    lines.push(`${level} ${message}${repeated === undefined ? '' : ` x${repeated}`}`)
  }
  const log = createEventLog({ info: line('info'), warn: line('warn'), error: line('error') }, now)
  return { now, log, lines }
}

describe('B4: a meta node that is away', () => {
  test('is one line, one a minute with a count, and one when it is back', () => {
    const { now, log, lines } = setUp()
    for (let i = 0; i < 86; i++) log(failed(i % 2 ? 'ECONNREFUSED' : 'ETIMEDOUT'))
    now.advance(60_000)
    log(failed())
    now.advance(59_999)
    log(failed())
    log({ event: 'node-up', node: NODE })
    log(failed())
    expect(lines).toEqual([
      'warn meta node http://m:1 does not answer: no answer in time (ETIMEDOUT)',
      'warn meta node http://m:1 does not answer: connection refused (ECONNREFUSED) x86',
      'info meta node http://m:1 answers again',
      'warn meta node http://m:1 does not answer: connection refused (ECONNREFUSED)',
    ])
  })

  test('hides no other node, and no other trouble', () => {
    const { log, lines } = setUp()
    log(failed())
    log(failed('ECONNREFUSED', 'http://n:1'))
    log({ event: 'answer-refused', node: NODE, path: '/role', reason: 'HTTP 418' })
    log({ event: 'answer-refused', node: NODE, path: '/role', reason: 'HTTP 418' })
    expect(lines).toHaveLength(3)
  })
})

test.each<[MetaClientEvent, string]>([
  [failed('HTTP 502'),                                                 'meta node http://m:1 does not answer: HTTP 502'],
  [failed('toString'),                                                 'meta node http://m:1 does not answer: toString'],
  [failed('CERT_HAS_EXPIRED'),                                         'meta node http://m:1 does not answer: its certificate has expired (CERT_HAS_EXPIRED)'],
  [{ event: 'push-up', node: NODE },                                   'changes are pushed by meta node http://m:1'],
  [{ event: 'push-down', node: NODE, code: 'closed' },                 'change feed of meta node http://m:1 lost, falling back to revalidation: the node closed it'],
  [{ event: 'push-unoffered', node: NODE, reason: 'HTTP 404' },        'meta node http://m:1 offers no change feed, users are revalidated instead: HTTP 404'],
  [{ event: 'permission-scoped', name: 'KapacitorAPI', scope: 'a\nb' }, 'KapacitorAPI is granted on database "a\\u000ab", but what it opens does not depend on a database: it counts everywhere'],
  [{ event: 'permission-unknown', name: 'Fly' },                       'the meta node grants a permission that is not known here and is ignored: Fly'],
])('%o in words', (event, words) => {
  expect(messageOf(event)).toBe(words)
})
