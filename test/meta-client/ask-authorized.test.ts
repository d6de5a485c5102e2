import nock from 'nock'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { rejection } from './rejection.js'
import { answer, testClient, type WireAnswer } from './wire.js'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.restore())

test.each<[string, WireAnswer, boolean]>([
  // says                       answer                                                expected
  ['200 and an empty object',   { body: {} },                                         true],
  ['200 and an empty body',     { body: '', headers: { 'content-length': '0' } },     true],
  ['401 with an error',         { status: 401, body: { error: 'authorization failed' } }, false],
  ['403 with an error',         { status: 403, body: { error: 'user may not' } },     false],
])('%s', async (_says, wire, expected) => {
  answer(wire)
  expect(await testClient().client.authorized('ann', 'pw')).toBe(expected)
})

test.each<[string, WireAnswer]>([
  // says                              answer
  ['200 in HTML',                      { body: '<html>log in</html>' }],
  ['200 and a space',                  { body: ' ' }],
  ['200 and true',                     { body: 'true' }],
  ['200 and null',                     { body: 'null' }],
  ['200 and a list',                   { body: [] }],
  ['200 and an error',                 { body: { error: 'authorization failed' } }],
  ['200 and an empty error',           { body: { error: '' } }],
  ['201',                              { status: 201, body: {} }],
  ['202',                              { status: 202, body: {} }],
  ['204',                              { status: 204 }],
  ['304',                              { status: 304 }],
  ['400',                              { status: 400, body: { error: 'bad request' } }],
  ['401 in HTML',                      { status: 401, body: '<html>' }],
  ['401 without a body',               { status: 401 }],
  ['401 and nothing in the object',    { status: 401, body: {} }],
  ['401 and an error that is not a text', { status: 401, body: { error: true } }],
  ['403 in a text',                    { status: 403, body: 'forbidden' }],
  ['404',                              { status: 404, body: { error: 'user not found' } }],
  ['407',                              { status: 407, body: { error: 'proxy' } }],
  ['429',                              { status: 429, body: { error: 'slow down' } }],
])('neither yes nor no: %s', async (_says, wire) => {
  answer(wire)
  const { client, events } = testClient()
  expect(await rejection(client.authorized('ann', 'pw'))).toMatchObject({ code: 'ERR_META_INVALID', status: 503 })
  expect(events).toMatchObject([{ event: 'answer-refused', path: '/authorized' }])
})
