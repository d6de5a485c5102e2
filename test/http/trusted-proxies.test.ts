import { describe, expect, test } from 'vitest'
import { createTrustedProxies } from '../../src/http/trusted-proxies.js'

test('nobody is trusted unless listed', () => {
  const isTrusted = createTrustedProxies([])
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', undefined]) expect(isTrusted(address)).toBe(false)
})

describe('a peer is trusted by its address', () => {
  const isTrusted = createTrustedProxies(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'])
  test.each<[string, string | undefined, boolean]>([
    // says                            address               trusted
    ['in a network',                   '10.255.0.1',         true],
    ['the address itself',             '192.0.2.7',          true],
    ['IPv6',                           'fd12::1',            true],
    ['IPv6, spelt out',                '0:0:0:0:0:0:0:1',    true],
    ['IPv4 mapped into IPv6',          '::ffff:10.0.0.1',    true],
    ['the same in capitals',           '::FFFF:192.0.2.7',   true],
    ['the same in hexadecimal',        '::ffff:c000:207',    true],
    ['and spelt out',                  '0:0:0:0:0:FFFF:c000:0207', true],
    ['with a zone',                    'fd00::1%eth0',       true],
    ['mapped, with a zone',            '::ffff:10.0.0.1%eth0', true],
    ['beside the network',             '11.0.0.1',           false],
    ['beside the address',             '192.0.2.8',          false],
    ['another IPv6',                   'fe80::1',            false],
    ['another IPv4, mapped',           '::ffff:11.0.0.1',    false],
    ['another one in hexadecimal',     '::ffff:b00:1',       false],
    ['not mapped, but alike',          '::ffff:0:a00:1',     false],
    ['IPv4 in another form of IPv6',   '::10.0.0.1',         false],
    ['no address',                     undefined,            false],
    ['an empty one',                   '',                   false],
    ['a name',                         'localhost',          false],
    ['octal',                          '012.0.0.1',          false],
    ['an address and more',            '10.0.0.1, 11.0.0.1', false],
  ])('%s', (_says, address, trusted) => {
    expect(isTrusted(address)).toBe(trusted)
  })
})

describe('networks of IPv6 hold no IPv4, though Node knows IPv4 addresses as some of IPv6', () => {
  test.each<[string, string]>([
    // says                               entry
    ['this machine, with a prefix',       '::1/64'],
    ['the shortest that holds them',      '::/80'],
    ['all of IPv6',                       '::/0'],
    ['one with the mapped at its end',    '::fffe:0:0/95'],
  ])('%s', (_says, entry) => {
    const isTrusted = createTrustedProxies([entry, '10.0.0.7'])
    for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '127.0.0.1']) {
      expect([address, isTrusted(address)]).toEqual([address, false])
    }
    expect([isTrusted('10.0.0.7'), isTrusted('::ffff:a00:7')]).toEqual([true, true])
  })

  test('and the other way round', () => {
    const isTrusted = createTrustedProxies(['0.0.0.0/0', '::1/64'])
    expect(['192.0.2.1', '::1', '::2', '2001:db8::1'].map(isTrusted)).toEqual([true, true, true, false])
  })
})

test('the answer stays the same, however many others are asked for in between', () => {
  const isTrusted = createTrustedProxies(['10.0.0.0/8'])
  for (let i = 0; i < 5_000; i++) {
    const host = `${i >> 8}.${i & 255}`
    expect([isTrusted(`10.0.${host}`), isTrusted(`11.0.${host}`), isTrusted('10.9.9.9'), isTrusted('11.9.9.9')]).toEqual([true, false, true, false])
  }
})

test.each([
  // says                         entry
  ['a name',                      'localhost'],
  ['nothing',                     ''],
  ['a network without address',   '/8'],
  ['too long a prefix',           '10.0.0.0/33'],
  ['too long a prefix of IPv6',   'fd00::/129'],
  ['a negative one',              '10.0.0.0/-1'],
  ['no number',                   '10.0.0.0/eight'],
  ['a mask',                      '10.0.0.0/255.0.0.0'],
  ['two prefixes',                '10.0.0.0/8/8'],
  ['half an address',             '10.0.0/8'],
  ['a port',                      '10.0.0.1:80'],
  ['brackets',                    '[::1]'],
  ['spaces',                      ' 10.0.0.1'],
  ['several in one',              '10.0.0.1,10.0.0.2'],
  ['IPv4 written as IPv6',        '::ffff:10.0.0.0/104'],
  ['the same in hexadecimal',     '::FFFF:a00:0/104'],
  ['the same spelt out',          '0:0:0:0:0:ffff:10.0.0.7'],
  ['a zone',                      'fe80::1%eth0'],
])('refused when built: %s', (_says, entry) => {
  expect(() => createTrustedProxies([entry])).toThrow(TypeError)
  expect(() => createTrustedProxies([entry])).toThrow(JSON.stringify(entry))
})
