import { expect, test } from 'vitest'
import { readListParameters } from '../../../src/gateway/kapacitor/users/list-parameters.js'
import { parseNewUser, parseUserUpdate } from '../../../src/gateway/kapacitor/users/parse-user-request.js'

test.each([
  // body                                                                                  what it asks for
  ['{"name":"bob","password":"secret"}',                                                   { name: 'bob', password: 'secret' }],
  ['{"name":"bob","password":"secret","type":"","permissions":null}',                      { name: 'bob', password: 'secret' }],
  ['{"name":"bob","password":"secret","type":"normal","permissions":["none"]}',            { name: 'bob', password: 'secret', type: 'normal', permissions: new Set() }],
  ['{"name":"josé.o-1_@x","password":"secret","permissions":["api","write_points"]}',      { name: 'josé.o-1_@x', password: 'secret', permissions: new Set(['api', 'write_points']) }],
  ['{"name":"bob","password":"secret","type":"admin","permissions":["all"],"link":{}}',    { name: 'bob', password: 'secret', type: 'admin', permissions: new Set(['api', 'config_api', 'write_points']) }],
])('a new user: %s', (body, expected) => {
  expect(parseNewUser(body, 6)).toEqual(expected)
})

test.each([
  ['',                                                         'invalid JSON: line 1, column 1: it ends too early'],
  ['[]',                                                       'invalid JSON: an object is expected'],
  ['{"name":"a","name":"b","password":"secret"}',              'invalid JSON: line 1, column 13: "name" appears twice'],
  ['{"password":"secret"}',                                    'username is required'],
  ['{"name":"","password":"secret"}',                          'username is required'],
  ['{"name":7,"password":"secret"}',                           'invalid JSON: "name" must be a text'],
  ['{"name":"a b","password":"secret"}',                       "username must contain only letters, numbers, '-', '.', '@' and '_'. \"a b\""],
  ['{"name":"_sub:x","password":"secret"}',                    "username must contain only letters, numbers, '-', '.', '@' and '_'. \"_sub:x\""],
  ['{"name":"a\\u0000","password":"secret"}',                  "username must contain only letters, numbers, '-', '.', '@' and '_'. \"a\\u0000\""],
  ['{"name":"bob"}',                                           'password is required'],
  ['{"name":"bob","password":""}',                             'password is required'],
  ['{"name":"bob","password":"short"}',                        'the password is 5 characters long, at least 6 are needed'],
  [`{"name":"bob","password":"${'x'.repeat(73)}"}`,            'the password is 73 bytes long, 72 are allowed'],
  [`{"name":"bob","password":"kapa1_${'0a'.repeat(32)}"}`,     'the password has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'],
  ['{"name":"bob","password":"a\\u0000bcdefg"}',               'the password holds a NUL'],
  ['{"name":"bob","password":"secret","type":"root"}',         'invalid JSON: unknown type "root", "normal" and "admin" are known'],
  ['{"name":"bob","password":"secret","permissions":"api"}',   'invalid JSON: "permissions" must be a list of names'],
  ['{"name":"bob","password":"secret","permissions":[1]}',     'invalid JSON: "permissions" must be a list of names'],
  ['{"name":"bob","password":"secret","permissions":["app"]}', 'invalid JSON: unknown permission "app", did you mean "api"?'],
])('no new user: %s', (body, message) => {
  expect(() => parseNewUser(body, 6)).toThrow(expect.objectContaining({ code: 'ERR_REQUEST_INVALID', message: expect.stringContaining(message) }))
})

test.each([
  // body                                            what it asks for
  ['{}',                                             {}],
  ['{"password":"","type":"","permissions":null}',   {}],
  ['{"password":"secret"}',                          { password: 'secret' }],
  ['{"type":"admin","permissions":[]}',              { type: 'admin', permissions: new Set() }],
])('an update: %s', (body, expected) => {
  expect(parseUserUpdate(body, 6)).toEqual(expected)
})

test.each([
  // query                                   offset  limit   fields
  ['',                                       0,      100,    ['link', 'name', 'permissions', 'type']],
  ['?offset=&limit=&pattern=',               0,      100,    ['link', 'name', 'permissions', 'type']],
  ['?offset=5&limit=7',                      5,      7,      ['link', 'name', 'permissions', 'type']],
  ['?offset=-5&limit=0',                     0,      0,      ['link', 'name', 'permissions', 'type']],
  ['?limit=-1',                              0,      10_000, ['link', 'name', 'permissions', 'type']],
  ['?limit=1000000',                         0,      10_000, ['link', 'name', 'permissions', 'type']],
  ['?fields=type&fields=type',               0,      100,    ['link', 'name', 'type']],
])('a list: %j', (query, offset, limit, fields) => {
  const read = readListParameters(`/kapacitor/v1/users${query}`)
  expect({ ...read, fields: [...read.fields].sort() }).toMatchObject({ offset, limit, fields })
})

test.each([
  ['?offset=x',            'invalid offset parameter "x" must be an integer'],
  ['?limit=1.5',           'invalid limit parameter "1.5" must be an integer'],
  ['?limit=99999999999999999999', 'invalid limit parameter "99999999999999999999" must be an integer'],
  ['?fields=hash',         'unsupported field "hash"'],
  ['?limit=1&limit=2',     '"limit" stands in the query more than once'],
  ['?pattern=%zz',         '"pattern" is not properly encoded in the query'],
])('no list: %s', (query, message) => {
  expect(() => readListParameters(`/kapacitor/v1/users${query}`)).toThrow(message)
})
