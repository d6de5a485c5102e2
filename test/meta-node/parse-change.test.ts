import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { parseRoleChange, parseUserChange } from '../../src/meta-node/parse-change.js'

const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body))
const user = (fields: object, action: unknown = 'create') => ({ action, user: fields })
const role = (fields: object, action: unknown = 'create') => ({ action, role: fields })
const grants = (...entries: [string, string[]][]) => new Map(entries.map(([scope, names]) => [scope, new Set(names)]))

function mistake(parse: (text: string) => unknown, body: unknown): string {
  try {
    parse(text(body))
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError)
    expect((error as AuthError).code).toBe('ERR_REQUEST_INVALID')
    return (error as AuthError).message
  }
  throw new Error('it was understood')
}

describe('POST /user', () => {
  test.each<[string, unknown, unknown]>([
    ['a creation',                  user({ name: 'johndoe', password: 'pa5sw0Rd' }),                          { action: 'create', name: 'johndoe', password: 'pa5sw0Rd' }],
    ['a new password',              user({ name: 'ann', password: '😀' }, 'change-password'),                 { action: 'change-password', name: 'ann', password: '😀' }],
    ['a deletion',                  user({ name: 'ann' }, 'delete'),                                          { action: 'delete', name: 'ann' }],
    ['permissions to add',          user({ name: 'ann', permissions: { '': ['KapacitorAPI', 'KapacitorConfigAPI'], db: ['ReadData', 'ReadData'] } }, 'add-permissions'),
      { action: 'add-permissions', name: 'ann', permissions: grants(['', ['KapacitorAPI', 'KapacitorConfigAPI']], ['db', ['ReadData']]) }],
    ['permissions to remove',       user({ name: 'ann', permissions: { db: ['WriteData'] } }, 'remove-permissions'), { action: 'remove-permissions', name: 'ann', permissions: grants(['db', ['WriteData']]) }],
    ["an old node's number",        user({ name: 'ann', permissions: { '': ['9'] } }, 'add-permissions'),     { action: 'add-permissions', name: 'ann', permissions: grants(['', ['WriteData']]) }],
    ["Chronograf's empty list",     user({ name: 'ann', permissions: { '': null } }, 'remove-permissions'),   { action: 'remove-permissions', name: 'ann', permissions: grants(['', []]) }],
    ['no permissions at all',       user({ name: 'ann', permissions: {} }, 'add-permissions'),                { action: 'add-permissions', name: 'ann', permissions: grants() }],
    ['a database of an odd name',   '{"action":"add-permissions","user":{"name":"ann","permissions":{"__proto__":["ReadData"]}}}', { action: 'add-permissions', name: 'ann', permissions: grants(['__proto__', ['ReadData']]) }],
    ['a creation with permissions', user({ name: 'ann', password: 'x', permissions: { '': ['Monitor'] } }),   { action: 'create', name: 'ann', password: 'x', permissions: new Map([['', new Set(['Monitor'])]]) }],
    ['a user of an odd name',       user({ name: '__proto__', password: 'x' }),                               { action: 'create', name: '__proto__', password: 'x' }],
    ['72 bytes of password',        user({ name: 'ann', password: 'é'.repeat(36) }),                          { action: 'create', name: 'ann', password: 'é'.repeat(36) }],
    ['255 bytes of name',           user({ name: 'x'.repeat(255), password: 'x' }),                           { action: 'create', name: 'x'.repeat(255), password: 'x' }],
    ['space around it',             ' \r\n{"action":"delete","user":{"name":"ann"}}\n',                       { action: 'delete', name: 'ann' }],
  ])('understands %s', (_says, body, change) => {
    expect(parseUserChange(text(body))).toEqual({ subject: 'user', ...change as object })
  })

  test.each<[string, unknown, string]>([
    ['nothing',                     '',                                                           'the body is empty, {"action":…,"user":{"name":…}} is expected'],
    ['space',                       ' \n',                                                        'the body is empty, {"action":…,"user":{"name":…}} is expected'],
    ['a form',                      'action=create&name=ann',                                     'not JSON: line 1, column 1: this is not a value'],
    ['a list',                      '[]',                                                         'the body must be an object like {"action":…,"user":{"name":…}}'],
    ['null',                        'null',                                                       'the body must be an object like {"action":…,"user":{"name":…}}'],
    ['a text',                      '"create"',                                                   'the body must be an object like {"action":…,"user":{"name":…}}'],
    ['an empty object',             '{}',                                                         '"user" is missing'],
    ['no action',                   { user: { name: 'ann' } },                                    '"action" is missing'],
    ['no user',                     { action: 'create' },                                         '"user" is missing'],
    ['a user that is a name',       { action: 'delete', user: 'ann' },                            '"user" must be an object like {"name":…}'],
    ['a list of users',             { action: 'delete', user: [] },                               '"user" must be an object like {"name":…}'],
    ['users',                       { action: 'delete', users: { name: 'ann' } },                 '"user" is missing'],
    ['an action that is a number',  user({ name: 'ann' }, 1),                                     '"action" must be a text in double quotes'],
    ['an action that is null',      user({ name: 'ann' }, null),                                  '"action" must be a text in double quotes'],
    ['a mistyped action',           user({ name: 'ann' }, 'craete'),                              'unknown action "craete" on a user, did you mean "create"?'],
    ['an action in capitals',       user({ name: 'ann' }, 'Delete'),                              'unknown action "Delete" on a user, did you mean "delete"?'],
    ['an underscore',               user({ name: 'ann' }, 'add_permissions'),                     'unknown action "add_permissions" on a user, did you mean "add-permissions"?'],
    ['an action of no sense',       user({ name: 'ann' }, 'frobnicate'),                          'unknown action "frobnicate" on a user: there are create, delete, change-password, add-permissions, remove-permissions'],
    ["a role's action",             user({ name: 'ann' }, 'add-users'),                           'unknown action "add-users" on a user: it is one on a role, POST it to /role'],
    ['__proto__ as action',         user({ name: 'ann' }, '__proto__'),                           'unknown action "__proto__" on a user: there are create, delete, change-password, add-permissions, remove-permissions'],
    ["the document's role",         role({ name: 'kapacitor', permissions: { '': ['KapacitorAPI', 'KapacitorConfigAPI'] } }, 'add-permissions'),
      '/user takes "user", not "role": write "user" to change a user; to change a role, POST it to /role'],
    ['a role with its own action',  role({ name: 'kapacitor', users: ['ann'] }, 'add-users'),     '/user takes "user", not "role": POST it to /role'],
    ['user and role',               { ...user({ name: 'ann', password: 'x' }), role: {} },        '"user" and "role" in one request: change one at a time'],
    ['another field',               { ...user({ name: 'ann', password: 'x' }), force: true },     'unknown field "force" in the body'],
    ['a mistyped field',            user({ name: 'ann', pasword: 'x' }),                          'unknown field "pasword" in "user", did you mean "password"?'],
    ['a field in capitals',         user({ name: 'ann', Password: 'x' }),                         'unknown field "Password" in "user", did you mean "password"?'],
    ['a hash',                      user({ name: 'ann', hash: 'x' }),                             'unknown field "hash" in "user"'],
    ['a name that is missing',      user({ password: 'x' }),                                      '"name" is missing'],
    ['a name that is a number',     user({ name: 1, password: 'x' }),                             '"name" must be a text in double quotes'],
    ['a name that is null',         user({ name: null, password: 'x' }),                          '"name" must be a text in double quotes'],
    ['an empty name',               user({ name: '', password: 'x' }),                            '"name" is empty'],
    ['256 bytes of name',           user({ name: 'é'.repeat(128), password: 'x' }),               '"name" is 256 bytes long, 255 are allowed'],
    ['a newline in a name',         user({ name: 'a\nb', password: 'x' }),                        '"name" holds a control character'],
    ['a NUL in a name',             user({ name: 'a\0', password: 'x' }),                         '"name" holds a control character'],
    ['a C1 control in a name',      user({ name: 'a\u0085', password: 'x' }),                     '"name" holds a control character'],
    ['half a character in a name',  '{"action":"delete","user":{"name":"\\ud83d"}}',              '"name" holds half a surrogate pair'],
    ['two names',                   '{"action":"delete","user":{"name":"ann","name":"bob"}}',     'not JSON: line 1, column 41: "name" appears twice'],
    ['no password',                 user({ name: 'ann' }),                                        '"password" is missing'],
    ['no new password',             user({ name: 'ann' }, 'change-password'),                     '"password" is missing'],
    ['a password that is a number', user({ name: 'ann', password: 123456 }),                      '"password" must be a text in double quotes'],
    ['a password that is null',     user({ name: 'ann', password: null }),                        '"password" must be a text in double quotes'],
    ['an empty password',           user({ name: 'ann', password: '' }),                          'the password is empty'],
    ['73 bytes of password',        user({ name: 'ann', password: 'x'.repeat(73) }),              'the password is 73 bytes long, 72 are allowed'],
    ['74 bytes, 37 characters',     user({ name: 'ann', password: 'é'.repeat(37) }),              'the password is 74 bytes long, 72 are allowed'],
    ['an own token as password',    user({ name: 'ann', password: `kapa1_${'0a'.repeat(32)}` }),  'the password has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'],
    ['a NUL in a password',         user({ name: 'ann', password: 'a\0b' }),                      'the password holds a NUL'],
    ['half a character in it',      '{"action":"create","user":{"name":"ann","password":"\\ud83d"}}', 'the password holds half a surrogate pair'],
    ['a password to delete',        user({ name: 'ann', password: 'x' }, 'delete'),               '"delete" takes no "password"; "create" does'],
    ['permissions and a password',  user({ name: 'ann', password: 'x', permissions: {} }, 'change-password'), '"change-password" takes no "permissions"; "add-permissions" does'],
    ['no permissions at creation',  user({ name: 'ann', password: 'x', permissions: null }),      '"permissions" must be an object like {"":["KapacitorAPI"]}'],
    ['unknown ones at creation',    user({ name: 'ann', password: 'x', permissions: { '': ['Monitro'] } }), 'unknown permission "Monitro", did you mean "Monitor"?'],
    ['permissions, no password',    user({ name: 'ann', permissions: { '': ['Monitor'] } }),      '"password" is missing'],
    ['no permissions',              user({ name: 'ann' }, 'add-permissions'),                     '"permissions" is missing'],
    ['permissions that are a list', user({ name: 'ann', permissions: ['KapacitorAPI'] }, 'add-permissions'), '"permissions" must be an object like {"":["KapacitorAPI"]}'],
    ['permissions that are null',   user({ name: 'ann', permissions: null }, 'add-permissions'),  '"permissions" must be an object like {"":["KapacitorAPI"]}'],
    ['a permission without list',   user({ name: 'ann', permissions: { '': 'KapacitorAPI' } }, 'add-permissions'), '"permissions" of "" must be a list of names'],
    ['a permission that is true',   user({ name: 'ann', permissions: { db: [true] } }, 'add-permissions'), '"permissions" of "db" must be a list of names'],
    ['permissions as an object',    user({ name: 'ann', permissions: { db: { ReadData: true } } }, 'add-permissions'), '"permissions" of "db" must be a list of names'],
    ['a permission in lower case',  user({ name: 'ann', permissions: { '': ['kapacitorapi'] } }, 'add-permissions'), 'unknown permission "kapacitorapi", did you mean "KapacitorAPI"?'],
    ['a mistyped permission',       user({ name: 'ann', permissions: { '': ['KapacitorAPl'] } }, 'add-permissions'), 'unknown permission "KapacitorAPl", did you mean "KapacitorAPI"?'],
    ['an unknown permission',       user({ name: 'ann', permissions: { '': ['Everything'] } }, 'add-permissions'), 'unknown permission "Everything"'],
    ['all as a permission',         user({ name: 'ann', permissions: { '': ['ALL PRIVILEGES'] } }, 'remove-permissions'), 'unknown permission "ALL PRIVILEGES"'],
    ['a newline in a database',     user({ name: 'ann', permissions: { 'a\n': [] } }, 'add-permissions'), `a database's name in "permissions" holds a control character`],
  ])('names the mistake in %s', (_says, body, message) => {
    expect(mistake(parseUserChange, body)).toBe(message)
  })
})

describe('POST /role', () => {
  test.each<[string, unknown, unknown]>([
    ['a creation',                  role({ name: 'kapacitor' }),                                              { action: 'create', name: 'kapacitor' }],
    ['a deletion',                  role({ name: 'kapacitor' }, 'delete'),                                    { action: 'delete', name: 'kapacitor' }],
    ['a new name',                  role({ name: 'a', newName: 'b' }, 'change-name'),                         { action: 'change-name', name: 'a', newName: 'b' }],
    ['users to add',                role({ name: 'a', users: ['ann', 'bob', 'ann'] }, 'add-users'),           { action: 'add-users', name: 'a', users: ['ann', 'bob'] }],
    ['users to remove',             role({ name: 'a', users: [] }, 'remove-users'),                           { action: 'remove-users', name: 'a', users: [] }],
    ['permissions to add',          role({ name: 'a', permissions: { '': ['KapacitorAPI'] } }, 'add-permissions'), { action: 'add-permissions', name: 'a', permissions: grants(['', ['KapacitorAPI']]) }],
    ['permissions to remove',       role({ name: 'a', permissions: { '': ['KapacitorAPI'] } }, 'remove-permissions'), { action: 'remove-permissions', name: 'a', permissions: grants(['', ['KapacitorAPI']]) }],
  ])('understands %s', (_says, body, change) => {
    expect(parseRoleChange(text(body))).toEqual({ subject: 'role', ...change as object })
  })

  test.each<[string, unknown, string]>([
    ['the document, as printed',    '{\n    "action":"create",\n    "user": {\n      "name":"kapacitor",\n    }\n  }', 'not JSON: line 4, column 25: JSON allows no comma before }'],
    ['the document, on one line',   '{"action":"create","user":{"name":"kapacitor",}}',            'not JSON: line 1, column 46: JSON allows no comma before }'],
    ['the document, no comma',      user({ name: 'kapacitor' }),                                  '/role takes "role", not "user": write "role" to change a role; to change a user, POST it to /user'],
    ["a user's password",           user({ name: 'ann', password: 'x' }, 'change-password'),      '/role takes "role", not "user": POST it to /user'],
    ["a user's action",             role({ name: 'a' }, 'change-password'),                       'unknown action "change-password" on a role: it is one on a user, POST it to /user'],
    ['nothing',                     '',                                                           'the body is empty, {"action":…,"role":{"name":…}} is expected'],
    ['no role',                     { action: 'create' },                                         '"role" is missing'],
    ['a mistyped action',           role({ name: 'a' }, 'add-user'),                              'unknown action "add-user" on a role, did you mean "add-users"?'],
    ['rename',                      role({ name: 'a', newName: 'b' }, 'rename'),                  'unknown action "rename" on a role: there are create, delete, change-name, add-users, remove-users, add-permissions, remove-permissions'],
    ['no name',                     role({}),                                                     '"name" is missing'],
    ['an empty name',               role({ name: '' }),                                           '"name" is empty'],
    ['no new name',                 role({ name: 'a' }, 'change-name'),                           '"newName" is missing'],
    ['an empty new name',           role({ name: 'a', newName: '' }, 'change-name'),              '"newName" is empty'],
    ['a mistyped new name',         role({ name: 'a', newname: 'b' }, 'change-name'),             'unknown field "newname" in "role", did you mean "newName"?'],
    ['a password',                  role({ name: 'a', password: 'x' }),                           'unknown field "password" in "role"'],
    ['permissions at creation',     role({ name: 'a', permissions: {} }),                         '"create" takes no "permissions"; "add-permissions" does'],
    ['users at creation',           role({ name: 'a', users: [] }),                               '"create" takes no "users"; "add-users" does'],
    ['no users',                    role({ name: 'a' }, 'add-users'),                             '"users" is missing'],
    ['a user, not a list',          role({ name: 'a', users: 'ann' }, 'add-users'),               '"users" must be a list of names'],
    ['users that are null',         role({ name: 'a', users: null }, 'add-users'),                '"users" must be a list of names'],
    ['users that are objects',      role({ name: 'a', users: [{ name: 'ann' }] }, 'add-users'),   '"users" must be a list of names'],
    ['an empty user',               role({ name: 'a', users: ['ann', ''] }, 'add-users'),         'a name in "users" is empty'],
    ['a newline in a user',         role({ name: 'a', users: ['a\n'] }, 'remove-users'),          'a name in "users" holds a control character'],
    ['user',                        role({ name: 'a', user: ['ann'] }, 'add-users'),              'unknown field "user" in "role", did you mean "users"?'],
    ['an unknown permission',       role({ name: 'a', permissions: { db: ['Write'] } }, 'add-permissions'), 'unknown permission "Write"'],
    ['a role in a role',            role({ name: 'a', role: {} }),                                'unknown field "role" in "role"'],
  ])('names the mistake in %s', (_says, body, message) => {
    expect(mistake(parseRoleChange, body)).toBe(message)
  })
})

test('never says a password', () => {
  const secret = 'hunter2-hunter2'
  for (const body of [
    user({ name: 'ann', password: `${secret}\0` }), user({ name: 'ann', password: secret.repeat(9) }), user({ name: 'ann', password: [secret] }),
    user({ name: '', password: secret }), user({ name: 'ann', password: secret, x: 1 }), role({ name: 'a', password: secret }),
    `{"action":"create","user":{"name":"ann","password":"${secret}",}}`, `{"action":"create","user":{"name":"ann","password":"${secret}`,
    `{"action":"create","user":{"name":"ann","password":"${secret}\\ud800"}}`, `{'action':'create','user':{'password':'${secret}'}}`,
  ]) {
    for (const parse of [parseUserChange, parseRoleChange]) expect(mistake(parse, body)).not.toContain('hunter2')
  }
})
