import nock from 'nock'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { rejection } from './rejection.js'
import { answer, testClient, type WireAnswer } from './wire.js'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.restore())

test.each<[string, unknown, unknown[]]>([
  // says                   body                          roles
  ['none',                  {},                           []],
  ['null',                  { roles: null },              []],
  ['an empty list',         { roles: [] },                []],
  ['a bare role',           { roles: [{ name: 'a' }] },   [{ name: 'a', users: [], permissions: new Map() }]],
  ['null in it',            { roles: [{ name: 'a', users: null, permissions: null }] },
    [{ name: 'a', users: [], permissions: new Map() }]],
  ['everything in it',      { roles: [{ name: 'a', users: ['ann', '__proto__'], permissions: { db: ['ReadData'] }, more: 1 }] },
    [{ name: 'a', users: ['ann', '__proto__'], permissions: new Map([['db', new Set(['ReadData'])]]) }]],
  ['names of properties',   { roles: [{ name: '__proto__' }, { name: 'constructor' }] },
    [{ name: '__proto__', users: [], permissions: new Map() }, { name: 'constructor', users: [], permissions: new Map() }]],
  ['names unlike in case',  { roles: [{ name: 'a' }, { name: 'A' }] },
    [{ name: 'a', users: [], permissions: new Map() }, { name: 'A', users: [], permissions: new Map() }]],
])('roles: %s', async (_says, body, expected) => {
  answer({ body })
  const roles = await testClient().client.roles()
  expect(roles).toEqual(expected)
  expect(roles.every(Object.isFrozen)).toBe(true)
})

test('an unknown permission of a role is reported', async () => {
  answer({ body: { roles: [{ name: 'a', permissions: { '': ['Fly'] } }] } })
  const { client, events } = testClient()
  await client.roles()
  expect(events).toEqual([{ event: 'permission-unknown', name: 'Fly' }])
})

test.each<[string, WireAnswer]>([
  // says                              answer
  ['404',                              { status: 404, body: { error: 'role not found' } }],
  ['401: our own credentials',         { status: 401, body: { error: 'authorization failed' } }],
  ['403: our own credentials',         { status: 403, body: { error: 'forbidden' } }],
  ['201',                              { status: 201, body: {} }],
  ['204',                              { status: 204 }],
  ['200 in HTML',                      { body: '<html>' }],
  ['200 without a body',               {}],
  ['a list',                           { body: [] }],
  ['an error with status 200',         { body: { error: 'x' } }],
  ['users',                            { body: { users: [] } }],
  ['roles as an object',               { body: { roles: { a: {} } } }],
  ['null among them',                  { body: { roles: [null] } }],
  ['a name for a role',                { body: { roles: ['a'] } }],
  ['no name',                          { body: { roles: [{ users: ['ann'] }] } }],
  ['an empty name',                    { body: { roles: [{ name: '' }] } }],
  ['a name that is not a text',        { body: { roles: [{ name: 1 }] } }],
  ['two of one name',                  { body: { roles: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] } }],
  ['members as a text',                { body: { roles: [{ name: 'a', users: 'ann' }] } }],
  ['members as an object',             { body: { roles: [{ name: 'a', users: { ann: true } }] } }],
  ['a member that is not a text',      { body: { roles: [{ name: 'a', users: ['ann', 1] }] } }],
  ['permissions in a list',            { body: { roles: [{ name: 'a', permissions: ['Monitor'] }] } }],
  ['a permission that is not a text',  { body: { roles: [{ name: 'a', permissions: { '': [{}] } }] } }],
])('roles that cannot be told: %s', async (_says, wire) => {
  answer(wire)
  const { client, events } = testClient()
  expect(await rejection(client.roles())).toMatchObject({ code: 'ERR_META_INVALID', status: 503 })
  expect(events).toMatchObject([{ event: 'answer-refused', path: '/role' }])
})
