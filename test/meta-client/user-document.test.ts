import { gzipSync } from 'node:zlib'
import nock from 'nock'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rejection } from './rejection.js'
import { answer, testClient, type WireAnswer } from './wire.js'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.restore())

const HASH = '$2a$10$1OIEsmnX9XsNnzH3rtkkd.R8low61jzGJbrUSfPZyrabGgqiQlqW.'
const ANN = { name: 'ann', hash: HASH }

test('a user is told as the meta node tells it, and frozen', async () => {
  answer({ body: { users: [{ ...ANN, permissions: { '': ['KapacitorAPI'], telegraf: ['WriteData', 'ReadData'] } }] } })
  const user = await testClient().client.user('ann')
  expect(user).toEqual({
    name: 'ann',
    hash: HASH,
    permissions: new Map([['', new Set(['KapacitorAPI'])], ['telegraf', new Set(['WriteData', 'ReadData'])]]),
  })
  expect(Object.isFrozen(user)).toBe(true)
})

test.each<[string, unknown, [string, string[]][]]>([
  // says                                     permissions in the document                     as read
  ['none when left out',                      undefined,                                      []],
  ['none when null',                          null,                                           []],
  ['none when empty',                         {},                                             []],
  ['a database without any',                  { db: [] },                                     [['db', []]]],
  ['a database with null',                    { db: null },                                   [['db', []]]],
  ['"9" of older nodes',                      { '': ['9'] },                                  [['', ['WriteData']]]],
  ['twice the same',                          { '': ['Monitor', 'Monitor'] },                 [['', ['Monitor']]]],
  ['an unknown one hides no other',           { '': ['Whatever', 'Monitor', 'monitor'] },     [['', ['Monitor']]]],
  ['databases called like properties',        JSON.parse('{"__proto__":["ReadData"],"constructor":["WriteData"],"toString":["Monitor"]}'),
    [['__proto__', ['ReadData']], ['constructor', ['WriteData']], ['toString', ['Monitor']]]],
  ['permissions called like properties',      { '': ['__proto__', 'constructor', 'toString'] }, [['', []]]],
])('permissions: %s', async (_says, permissions, expected) => {
  answer({ body: { users: [{ ...ANN, permissions }] } })
  const user = await testClient().client.user('ann')
  expect([...(user?.permissions ?? [])].map(([scope, names]) => [scope, [...names]])).toEqual(expected)
})

test.each<[string, object, string]>([
  ['empty: LDAP',  { hash: '' },   ''],
  ['null',         { hash: null }, ''],
  ['left out',     {},             ''],
])('no hash: %s', async (_says, fields, expected) => {
  answer({ body: { users: [{ name: 'ann', ...fields }] } })
  expect((await testClient().client.user('ann'))?.hash).toBe(expected)
})

test.each<[string, WireAnswer]>([
  ['404 that says so',       { status: 404, body: { error: 'user not found' } }],
  ['an empty list',          { body: { users: [] } }],
  ['null for a list',        { body: { users: null } }],
  ['nothing in the object',  { body: {} }],
])('there is no such user: %s', async (_says, wire) => {
  answer(wire)
  expect(await testClient().client.user('ann')).toBeUndefined()
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a b:c', 'ann\n', '\u202eann', '%2e', '👩‍🚀', 'x'.repeat(4096)])(
  'a user called %j is found',
  async (name) => {
    answer({ body: { users: [{ name, hash: HASH }] } })
    expect(await testClient().client.user(name)).toEqual({ name, hash: HASH, permissions: new Map() })
  },
)

describe('what is not known is neither a user nor "no user"', () => {
  test.each<[string, WireAnswer]>([
    // says                                       answer
    ['404 in HTML',                               { status: 404, body: '<html>not found</html>' }],
    ['404 without a body',                        { status: 404 }],
    ['404 with nothing in the object',            { status: 404, body: {} }],
    ['404 about a role',                          { status: 404, body: { error: 'role not found' } }],
    ['404 of another service',                    { status: 404, body: { message: 'user not found' } }],
    ['404 with a list',                           { status: 404, body: [{ error: 'user not found' }] }],
    ['200 in HTML',                               { body: '<html>log in</html>', headers: { 'content-type': 'text/html' } }],
    ['200 without a body',                        { body: '' }],
    ['JSON that is cut off',                      { body: `{"users":[{"name":"ann","hash":"${HASH}"}` }],
    ['JSON with a tail',                          { body: '{"users":[]} {"users":[]}' }],
    ['a list',                                    { body: [] }],
    ['null',                                      { body: 'null' }],
    ['a text',                                    { body: '"ann"' }],
    ['a number',                                  { body: '1' }],
    ['bytes that are not UTF-8',                  { body: Buffer.from('{"users":[{"name":"ann","hash":"\xff"}]}', 'latin1') }],
    ['a hash, and no JSON around it',             { body: HASH }],
    ['UTF-16',                                    { body: Buffer.from('{"users":[]}', 'utf16le') }],
    ['a body that is compressed unasked',         { body: gzipSync('{"users":[]}'), headers: { 'content-encoding': 'gzip' } }],
    ['an error with status 200',                  { body: { error: 'user not found' } }],
    ['an error beside a user',                    { body: { users: [ANN], error: 'not up to date' } }],
    ['another object',                            { body: { message: 'welcome' } }],
    ['roles',                                     { body: { roles: [] } }],
    ['users as an object',                        { body: { users: { ann: ANN } } }],
    ['users as a text',                           { body: { users: 'ann' } }],
    ['false for users',                           { body: { users: false } }],
    ['null among the users',                      { body: { users: [null] } }],
    ['a name for a user',                         { body: { users: ['ann'] } }],
    ['a list for a user',                         { body: { users: [[]] } }],
    ['no name',                                   { body: { users: [{ hash: HASH }] } }],
    ['a name that is not a text',                 { body: { users: [{ name: ['ann'], hash: HASH }] } }],
    ['another user',                              { body: { users: [{ name: 'bob', hash: HASH }] } }],
    ['a name in other case',                      { body: { users: [{ name: 'Ann', hash: HASH }] } }],
    ['a name with a space',                       { body: { users: [{ name: 'ann ', hash: HASH }] } }],
    ['a name with a NUL',                         { body: { users: [{ name: 'ann\0', hash: HASH }] } }],
    ['a name that only looks alike',              { body: { users: [{ name: 'аnn', hash: HASH }] } }],
    ['two users',                                 { body: { users: [ANN, { name: 'bob', hash: HASH }] } }],
    ['two users, the other one first',            { body: { users: [{ name: 'bob', hash: HASH }, ANN] } }],
    ['one user twice',                            { body: { users: [ANN, ANN] } }],
    ['a hash that is not a text',                 { body: { users: [{ name: 'ann', hash: 1 }] } }],
    ['a hash in a list',                          { body: { users: [{ name: 'ann', hash: [HASH] }] } }],
    ['permissions in a list',                     { body: { users: [{ ...ANN, permissions: ['KapacitorAPI'] }] } }],
    ['permissions in a text',                     { body: { users: [{ ...ANN, permissions: 'KapacitorAPI' }] } }],
    ["a database's permissions in a text",        { body: { users: [{ ...ANN, permissions: { db: 'ReadData' } }] } }],
    ["a database's permissions in an object",     { body: { users: [{ ...ANN, permissions: { db: { ReadData: true } } }] } }],
    ['a permission that is not a text',           { body: { users: [{ ...ANN, permissions: { db: [9] } }] } }],
    ['null for a permission',                     { body: { users: [{ ...ANN, permissions: { db: [null] } }] } }],
    ['201',                                       { status: 201, body: { users: [ANN] } }],
    ['204',                                       { status: 204 }],
    ['206',                                       { status: 206, body: { users: [ANN] } }],
    ['304',                                       { status: 304 }],
    ['400',                                       { status: 400, body: { error: 'missing name' } }],
    ['401: our own credentials',                  { status: 401, body: { error: 'authorization failed' } }],
    ['403: our own credentials',                  { status: 403, body: { error: 'user not found' } }],
    ['410',                                       { status: 410, body: { error: 'user not found' } }],
    ['429',                                       { status: 429, body: { error: 'slow down' } }],
  ])('%s', async (_says, wire) => {
    answer(wire)
    const { client, events } = testClient()
    const error = await rejection(client.user('ann'))
    expect(error).toMatchObject({ code: 'ERR_META_INVALID', status: 503, message: 'meta node gave an invalid answer' })
    expect(events).toEqual([{ event: 'answer-refused', node: 'http://10.0.0.1:8091', path: '/user', reason: expect.any(String) }])
    expect(JSON.stringify(events) + String(error?.cause)).not.toMatch(/\$2a|ann|users":/)
  })
})

test.each([
  // status  what the operator reads
  [401,      /^HTTP 401: it does not accept our credentials \(\[auth\] meta-username /],
  [403,      /^HTTP 403: it accepts our credentials \(\[auth\] meta-username\)/],
  [410,      /^HTTP 410$/],
])('%d says what to look at', async (status, reason) => {
  answer({ status, body: { error: 'user not found' } })
  const { client, events } = testClient()
  await rejection(client.user('ann'))
  expect(events).toMatchObject([{ event: 'answer-refused', reason: expect.stringMatching(reason) }])
})

test('bytes that have no character are not a user called U+FFFD', async () => {
  answer({ body: Buffer.from('{"users":[{"name":"\xff","hash":""}]}', 'latin1') })
  expect(await rejection(testClient().client.user('\ufffd'))).toMatchObject({ code: 'ERR_META_INVALID' })
})

test('a name in NFC is another than in NFD', async () => {
  answer({ body: { users: [{ name: 'é', hash: HASH }] } })
  expect(await rejection(testClient().client.user('e\u0301'))).toMatchObject({ code: 'ERR_META_INVALID' })
})

test('an unknown permission is reported once for each name, cut short, and not without end', async () => {
  const { client, events } = testClient()
  const ask = async (names: string[]) => {
    answer({ body: { users: [{ ...ANN, permissions: { '': names } }] } })
    await client.user('ann')
  }
  await ask(['Fly', 'Monitor', 'Fly', 'Swim'])
  await ask(['Swim', 'x'.repeat(10_000)])
  expect(events).toEqual(['Fly', 'Swim', 'x'.repeat(64)].map((name) => ({ event: 'permission-unknown', name })))
  await ask(Array.from({ length: 1000 }, (_, i) => `Permission${i}`))
  expect(events).toHaveLength(100)
})
