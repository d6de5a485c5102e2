import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addresses, bindAddress } from '../../src/config/kinds/address-kinds.js'
import { check, type Kind } from '../../src/config/kinds/kind.js'
import { boolean, choice, duration, integer, keyPrefix, path, username } from '../../src/config/kinds/kinds.js'
import { secret } from '../../src/config/kinds/secret-kind.js'
import { Secret } from '../../src/text/secret.js'

const cost = integer(4, 14)
const time = duration({ min: '100ms', max: '596h' })
const expiry = duration()
const peers = addresses('meta-use-tls')
const bind = bindAddress()
const shared = secret({ min: 16 })
const admin = secret({ max: 72 })

const refused = Symbol('refused')

function read(kind: Kind<unknown>, value: unknown, isText: boolean): unknown {
  const checked = check(kind, value, isText)
  if (!checked.ok) return refused
  return checked.value instanceof Secret ? checked.value.reveal() : checked.value
}

describe('a text, as from the environment, is read or refused', () => {
  test.each<[string, Kind<unknown>, string, unknown]>([
    // says                        kind      text                  value
    ['true',                       boolean,  'true',               true],
    ['TRUE',                       boolean,  'TRUE',               true],
    ['True',                       boolean,  'True',               true],
    ['t',                          boolean,  't',                  true],
    ['T',                          boolean,  'T',                  true],
    ['1',                          boolean,  '1',                  true],
    ['false',                      boolean,  'false',              false],
    ['FALSE',                      boolean,  'FALSE',              false],
    ['False',                      boolean,  'False',              false],
    ['f',                          boolean,  'f',                  false],
    ['F',                          boolean,  'F',                  false],
    ['0',                          boolean,  '0',                  false],
    ['mixed case',                 boolean,  'tRUE',               refused],
    ['yes',                        boolean,  'yes',                refused],
    ['on',                         boolean,  'on',                 refused],
    ['nothing',                    boolean,  '',                   refused],
    ['a space',                    boolean,  'true ',              refused],
    ['a carriage return',          boolean,  'true\r',             refused],
    ['quotes',                     boolean,  '"true"',             refused],
    ['2',                          boolean,  '2',                  refused],

    ['the least',                  cost,     '4',                  4],
    ['the greatest',               cost,     '14',                 14],
    ['too small',                  cost,     '3',                  refused],
    ['too great',                  cost,     '15',                 refused],
    ['negative',                   cost,     '-4',                 refused],
    ['a plus sign',                cost,     '+4',                 refused],
    ['octal, for Kapacitor',       cost,     '010',                refused],
    ['hexadecimal',                cost,     '0xa',                refused],
    ['a fraction',                 cost,     '10.0',               refused],
    ['an exponent',                cost,     '1e1',                refused],
    ['an underscore',              cost,     '1_0',                refused],
    ['other digits',               cost,     '١٠',                 refused],
    ['nothing',                    cost,     '',                   refused],
    ['a space',                    cost,     ' 10',                refused],
    ['words',                      cost,     'ten',                refused],
    ['zero',                       integer(0, 64), '0',            0],
    ['minus zero',                 integer(0, 64), '-0',           refused],
    ['more than is exact',         integer(0, 1e9), '9007199254740993', refused],

    ['a duration',                 expiry,   '1h30m',              5_400_000],
    ['zero',                       expiry,   '0',                  0],
    ['zero with a unit',           expiry,   '0s',                 0],
    ['very long',                  expiry,   '100000h',            360_000_000_000],
    ['negative',                   expiry,   '-1s',                refused],
    ['the shortest',               time,     '100ms',              100],
    ['the longest',                time,     '596h',               2_145_600_000],
    ['too short',                  time,     '99.9ms',             refused],
    ['zero, but too short',        time,     '0',                  refused],
    ['longer than a timer',        time,     '597h',               refused],
    ['without unit',               expiry,   '600',                refused],
    ['days',                       expiry,   '1d',                 refused],
    ['a space',                    expiry,   '10m ',               refused],

    ['one',                        peers,    '172.17.0.2:8091',    ['172.17.0.2:8091']],
    ['none',                       peers,    '',                   []],
    ['blank',                      peers,    '  ',                 []],
    ['several, with spaces',       peers,    ' a:1 ,b:2,  [::1]:3', ['a:1', 'b:2', '[::1]:3']],
    ['two ports',                  peers,    ' 172.17.0.2:8091:8091', refused],
    ['nothing after a comma',      peers,    'a:1,',               refused],
    ['nothing between commas',     peers,    'a:1,,b:2',           refused],
    ['a semicolon',                peers,    'a:1;b:2',            refused],
    ['spaces for commas',          peers,    'a:1 b:2',            refused],
    ['an address twice',           peers,    'a:1,b:2,a:1',        refused],
    ['an address twice, in capitals', peers, 'a:1,A:1',            refused],
    ['TOML',                       peers,    '["a:1"]',            refused],

    ['to listen on all',           bind,     ':9092',              ':9092'],
    ['to listen on a free port',   bind,     'localhost:0',        'localhost:0'],
    ['IPv6',                       bind,     '[::1]:9092',         '[::1]:9092'],
    ['two',                        bind,     'a:1,b:2',            refused],
    ['nothing',                    bind,     '',                   refused],

    ['no secret',                  shared,   '',                   undefined],
    ['a secret of 16 bytes',       shared,   'ä2345678ä1234',      refused],
    ['a secret of 16 bytes',       shared,   'ä2345678ä12345ß',    'ä2345678ä12345ß'],
    ['a secret of 15 bytes',       shared,   '123456789012345',    refused],
    ['one byte',                   shared,   'x',                  refused],
    ["the document's",             shared,   'my super secret pass phrase', 'my super secret pass phrase'],
    ["the document's other",       shared,   'MYSUPERSECRETPASSPHRASE', 'MYSUPERSECRETPASSPHRASE'],
    ['NUL',                        shared,   '12345678901234567\0', refused],
    ['72 bytes',                   admin,    'é'.repeat(36),       'é'.repeat(36)],
    ['73 bytes',                   admin,    `${'é'.repeat(36)}x`, refused],
    ['NUL',                        admin,    'a\0b',               refused],
    ['no password',                admin,    '',                   undefined],
    ['B6: a variable in braces',   admin,    '\x24{PASSWORD}',        refused],
    ['a variable',                 admin,    '$META_PASSWORD',     refused],
    ['a variable, for a user',     username, '\x24{META_USER}',       refused],
    ['a dollar sign',              admin,    'pa$$word',           'pa$$word'],
    ['a dollar sign before',       admin,    '$ecret',             '$ecret'],
    ['a variable and more',        admin,    '\x24{A}-1',             '\x24{A}-1'],

    ['a user',                     username, 'ann@example.org',    'ann@example.org'],
    ['no user',                    username, '',                   ''],
    ['a colon',                    username, 'a:b',                refused],
    ['a line break',               username, 'a\n',                refused],

    ['one of two',                 choice('lmdb', 'etcd'), 'etcd', 'etcd'],
    ['neither',                    choice('lmdb', 'etcd'), 'Etcd', refused],
    ['nothing',                    choice('lmdb', 'etcd'), '',     refused],

    ['a prefix',                   keyPrefix, '/kapacitor-auth/',  '/kapacitor-auth/'],
    ['no prefix',                  keyPrefix, '',                  refused],
    ['a space',                    keyPrefix, '/a b/',             refused],
    ['beyond ASCII',               keyPrefix, '/é/',               refused],
    ['too long',                   keyPrefix, 'x'.repeat(256),     refused],

    ['a path',                     path,     '/etc/ssl/a b.pem',   '/etc/ssl/a b.pem'],
    ['no path',                    path,     '',                   ''],
    ['a line break',               path,     '/a\n',               refused],
    ['NUL',                        path,     '/a\0',               refused],
    ['the file itself',            path,     '-----BEGIN CERTIFICATE-----', refused],
  ])('%s', (_says, kind, text, value) => {
    expect(read(kind, text, true)).toEqual(value)
  })
})

describe('a typed value, as from TOML, is read or refused', () => {
  test.each<[string, Kind<unknown>, unknown, unknown]>([
    // says                        kind      value                 read
    ['yes',                        boolean,  true,                 true],
    ['no',                         boolean,  false,                false],
    ['yes in quotes',              boolean,  'true',               refused],
    ['1 for yes',                  boolean,  1,                    refused],
    ['a whole number',             cost,     10,                   10],
    ['a whole number in quotes',   cost,     '10',                 refused],
    ['a fraction',                 cost,     10.5,                 refused],
    ['infinity',                   cost,     Number.POSITIVE_INFINITY, refused],
    ['not a number',               cost,     Number.NaN,           refused],
    ['a very great number',        cost,     2n ** 63n,            refused],
    ['a boolean for a number',     cost,     true,                 refused],
    ['an array for a number',      cost,     [10],                 refused],
    ['a duration',                 time,     '10m',                600_000],
    ['a duration without unit',    time,     10,                   refused],
    ['a table for a duration',     time,     { hours: 1 },         refused],
    ['a date for a duration',      time,     new Date(),           refused],
    ['an array of addresses',      peers,    ['a:1', ' b:2 '],     ['a:1', 'b:2']],
    ['a text of addresses',        peers,    'a:1, b:2',           ['a:1', 'b:2']],
    ['an empty array',             peers,    [],                   []],
    ['an empty text',              peers,    '',                   []],
    ['an empty text in an array',  peers,    [''],                 refused],
    ['two in one text of an array', peers,   ['a:1,b:2'],          refused],
    ['a number in an array',       peers,    [8091],               refused],
    ['a number for an address',    bind,     9092,                 refused],
    ['a number for a secret',      admin,    12345,                refused],
    ['an array for a secret',      admin,    ['x'],                refused],
    ['a boolean for a path',       path,     false,                refused],
    ['a number for a user',        username, 1,                    refused],
    ['nothing for a user',         username, null,                 refused],
    ['undefined for a user',       username, undefined,            refused],
  ])('%s', (_says, kind, value, expected) => {
    expect(read(kind, value, false)).toEqual(expected)
  })
})

test("no kind's hint repeats the value", () => {
  const kinds = [boolean, cost, time, bind, shared, admin, username, path]
  fc.assert(
    fc.property(fc.constantFrom<Kind<unknown>>(...kinds), fc.string({ unit: 'grapheme', minLength: 1 }), fc.boolean(), (kind, text, isText) => {
      const checked = check(kind, `zq7-${text}`, isText)
      if (!checked.ok) expect(checked.hint).not.toContain('zq7')
    }),
  )
})
