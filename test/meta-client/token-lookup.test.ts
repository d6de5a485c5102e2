import nock from 'nock'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rejection } from './rejection.js'
import { answer, testClient } from './wire.js'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.restore())

const DIGEST = 'd'.repeat(64)
const ID = '01935f5a-7b1c-7d2e-8f3a-4b5c6d7e8f90'
const NONE = 'token not found'

/** What comes of both kinds of look-up, each answered so. */
async function lookUps(body: unknown, status = 404) {
  const found: unknown[] = []
  for (const ask of ['token', 'subscriptionToken'] as const) {
    const { client } = testClient()
    nock.cleanAll()
    for (let i = 0; i < 20; i++) answer({ status, body })
    found.push(await client[ask](DIGEST).catch(({ code }: { code: string }) => code))
  }
  expect(found[0]).toEqual(found[1])
  return found[0]
}

describe('a token that may not be used', () => {
  test.each<[string, object, unknown]>([
    // says                                       fields beside the error                                  what is made of it
    ['was revoked',                               { id: ID, reason: 'revoked' },                           { id: ID, reason: 'revoked' }],
    ['has expired',                               { id: ID, reason: 'expired' },                           { id: ID, reason: 'expired' }],
    ['has lost its owner',                        { id: ID, reason: 'owner gone' },                        { id: ID, reason: 'owner gone' }],
    ['has an owner who is not listed',            { id: ID, reason: 'owner not listed' },                  { id: ID, reason: 'owner not listed' }],
    ['is not there',                              { reason: 'unknown' },                                   { reason: 'unknown' }],
    ['with fields of a later version',            { id: ID, reason: 'revoked', code: 404, since: 1 },      { id: ID, reason: 'revoked' }],
  ])('%s', async (_says, fields, expected) => {
    expect(await lookUps({ error: NONE, ...fields })).toEqual(expected)
  })

  test.each<[string, object, unknown]>([
    // says                                       fields beside the error                                  what is made of it
    ['nothing, as earlier versions',              {},                                                      undefined],
    ['nothing but its id',                        { id: ID },                                              undefined],
    ['null',                                      { id: null, reason: null },                              undefined],
    ['a word that is not known',                  { id: ID, reason: 'stolen' },                            undefined],
    ['the same in capitals',                      { id: ID, reason: 'Revoked' },                           undefined],
    ['with a space',                              { id: ID, reason: 'revoked ' },                          undefined],
    ['a line of its own',                         { id: ID, reason: 'revoked\n{"event":"decision"}' },     undefined],
    ['a word that objects have by birth',         { id: ID, reason: '__proto__' },                         undefined],
    ['another such word',                         { id: ID, reason: 'constructor' },                       undefined],
    ['very much',                                 { id: ID, reason: 'revoked'.repeat(100_000) },           undefined],
    ['a list',                                    { id: ID, reason: ['revoked'] },                         undefined],
    ['an object',                                 { id: ID, reason: { toString: 'revoked' } },             undefined],
    ['a number',                                  { id: ID, reason: 1 },                                   undefined],
    ['an empty word',                             { id: ID, reason: '' },                                  undefined],
    ['an id that is not a UUID',                    { id: 'x', reason: 'revoked' },                          { reason: 'revoked' }],
    ['an id in capitals',                         { id: ID.toUpperCase(), reason: 'revoked' },             { reason: 'revoked' }],
    ['an id with a line behind it',               { id: `${ID}\n`, reason: 'revoked' },                    { reason: 'revoked' }],
    ['an id that is a digest',                    { id: DIGEST, reason: 'revoked' },                       { reason: 'revoked' }],
    ['an id that is a token',                     { id: `kapa1_${DIGEST}`, reason: 'revoked' },            { reason: 'revoked' }],
    ['a very long id',                            { id: ID.repeat(10_000), reason: 'revoked' },            { reason: 'revoked' }],
    ['a list of ids',                             { id: [ID], reason: 'revoked' },                         { reason: 'revoked' }],
    ['the id of one that is not there',           { id: ID, reason: 'unknown' },                           { reason: 'unknown' }],
  ])('of which a node says strange things: %s', async (_says, fields, expected) => {
    expect(await lookUps({ error: NONE, ...fields })).toEqual(expected)
  })

  test('with no more than what is asked of it', async () => {
    expect(Object.isFrozen(await lookUps({ error: NONE, id: ID, reason: 'revoked' }))).toBe(true)
    expect(await lookUps('{"error":"token not found","__proto__":{"id":"x","reason":"revoked"}}')).toBeUndefined()
  })
})

test.each<[string, unknown, unknown]>([
  // says                                         404                                                      what is made of it
  ['of InfluxDB Enterprise',                      '404 page not found\n',                                  undefined],
  ['of another path, with a reason',              { error: 'not found', id: ID, reason: 'revoked' },       undefined],
  ['without an error',                            { id: ID, reason: 'revoked' },                           undefined],
  ['of a similar error',                          { error: 'Token not found', id: ID, reason: 'revoked' }, undefined],
])('a 404 %s says nothing of tokens', async (_says, body, expected) => {
  expect(await lookUps(body)).toEqual(expected)
})

test.each([
  ['a good answer with a reason',                 { token: { reason: 'revoked' }, subscription: { reason: 'revoked' } }],
  ['a good answer that is a refusal',             { error: NONE, id: ID, reason: 'revoked' }],
])('%s is neither', async (_says, body) => {
  for (const ask of ['token', 'subscriptionToken'] as const) {
    answer({ body })
    expect(await rejection(testClient().client[ask](DIGEST))).toMatchObject({ code: 'ERR_META_INVALID' })
  }
})

test.each([400, 401, 403, 410, 500])('nor is a %d that looks like a refusal', async (status) => {
  expect(await lookUps({ error: NONE, id: ID, reason: 'revoked' }, status)).toMatch(/^ERR_META_(?:INVALID|UNAVAILABLE)$/)
})
