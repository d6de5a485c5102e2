import { expect, test } from 'vitest'
import { ALL, DELETE, NONE, privilegeName, READ, WRITE } from '../../src/authz/privilege.js'

test.each([
  // says                      privilege              expected
  ['nothing',                  NONE,                  'none'],
  ['read',                     READ,                  'read'],
  ['write',                    WRITE,                 'write'],
  ['delete',                   DELETE,                'delete'],
  ['everything has one name',  ALL,                   'all'],
  ['the bits of everything',   READ | WRITE | DELETE, 'all'],
  ['joined ones, in order',    DELETE | READ,         'read|delete'],
  ['two neighbours',           READ | WRITE,          'read|write'],
])('messages name %s as Kapacitor does', (_says, privilege, expected) => {
  expect(privilegeName(privilege)).toBe(expected)
})

test('no privilege contains another', () => {
  const bits = [READ, WRITE, DELETE]
  for (const a of bits) for (const b of bits) expect(a & b).toBe(a === b ? a : NONE)
})
