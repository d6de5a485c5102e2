import { expect, test } from 'vitest'
import { createClientAddress } from '../../src/http/client-address.js'

const clientAddress = createClientAddress(['10.0.0.0/8', 'fd00::/8', '127.0.0.1'])

/** A request from a peer, with these `X-Forwarded-For` headers. */
function from(remoteAddress: string | undefined, ...forwardedFor: string[]) {
  const rawHeaders = ['Host', 'me', ...forwardedFor.flatMap((value) => ['X-FORWARDED-For', value]), 'Accept', '192.0.2.99']
  return { rawHeaders, socket: { ...(remoteAddress !== undefined && { remoteAddress }) } }
}

test.each<[string, string | undefined, string[], string | undefined]>([
  // says                                     peer                  X-Forwarded-For                         client
  ['the peer',                                '192.0.2.1',          [],                                     '192.0.2.1'],
  ['whatever it says',                        '192.0.2.1',          ['203.0.113.5'],                        '192.0.2.1'],
  ['in its plain form',                       '::ffff:192.0.2.1',   [],                                     '192.0.2.1'],
  ['without a zone',                          'fe80::1%eth0',       [],                                     'fe80::1'],
  ['on a Unix socket nobody is known',        undefined,            ['203.0.113.5'],                        undefined],
  ['whom a trusted proxy vouches for',        '10.0.0.1',           ['203.0.113.5'],                        '203.0.113.5'],
  ['a trusted proxy as IPv4 in IPv6',         '::ffff:10.0.0.1',    ['203.0.113.5'],                        '203.0.113.5'],
  ['IPv6',                                    'fd00::1',            ['2001:db8::5'],                        '2001:db8::5'],
  ['not what the client itself wrote',        '10.0.0.1',           ['198.51.100.9, 203.0.113.5'],          '203.0.113.5'],
  ['nor that it is a proxy',                  '10.0.0.1',           ['10.0.0.9, 203.0.113.5'],              '203.0.113.5'],
  ['through several trusted ones',            '10.0.0.1',           ['198.51.100.9, 203.0.113.5, 10.0.0.2,10.0.0.3'], '203.0.113.5'],
  ['over several headers',                    '10.0.0.1',           ['198.51.100.9', '203.0.113.5', '10.0.0.2'], '203.0.113.5'],
  ['with a port',                             '10.0.0.1',           ['203.0.113.5:4711'],                   '203.0.113.5'],
  ['IPv6 with a port',                        '10.0.0.1',           ['[2001:db8::5]:4711'],                 '2001:db8::5'],
  ['a trusted one with a port',               '10.0.0.1',           ['203.0.113.5, 10.0.0.2:80'],           '203.0.113.5'],
  ['mapped into IPv6',                        '10.0.0.1',           ['::ffff:203.0.113.5'],                 '203.0.113.5'],
  ['mapped, in hexadecimal',                  '10.0.0.1',           ['::FFFF:cb00:7105'],                   '203.0.113.5'],
  ['mapped, spelt out, with a port',          '10.0.0.1',           ['[0:0:0:0:0:ffff:cb00:7105]:4711'],    '203.0.113.5'],
  ['a proxy, mapped, in hexadecimal',         '10.0.0.1',           ['203.0.113.5, ::ffff:a00:2'],          '203.0.113.5'],
  ['a proxy is never the client',             '10.0.0.1',           [],                                     undefined],
  ['nor one behind another',                  '10.0.0.1',           ['10.0.0.2, 127.0.0.1'],                undefined],
  ['what is not an address hides the rest',   '10.0.0.1',           ['203.0.113.5, unknown'],               undefined],
  ['a name is not one',                       '10.0.0.1',           ['victim.example'],                     undefined],
  ['nor is text around one',                  '10.0.0.1',           ['"203.0.113.5"'],                      undefined],
  ['nor a piece of JSON',                     '10.0.0.1',           ['203.0.113.5","x":"'],                 undefined],
  ['nor one in a zone',                       '10.0.0.1',           ['fe80::1%"'],                          undefined],
  ['nor nothing',                             '10.0.0.1',           ['203.0.113.5, '],                      undefined],
])('%s', (_says, peer, forwardedFor, client) => {
  expect(clientAddress(from(peer, ...forwardedFor)).client).toBe(client)
})

test('the proxy is told beside the client, and only a proxy is', () => {
  expect(clientAddress(from('::ffff:10.0.0.1', '203.0.113.5'))).toEqual({ client: '203.0.113.5', proxy: '10.0.0.1' })
  expect(clientAddress(from('192.0.2.1', '203.0.113.5'))).toEqual({ client: '192.0.2.1', proxy: undefined })
})

test('nobody is trusted unless listed', () => {
  expect(createClientAddress([])(from('127.0.0.1', '203.0.113.5'))).toEqual({ client: '127.0.0.1', proxy: undefined })
  expect(() => createClientAddress(['localhost'])).toThrow(TypeError)
})

test('a long list takes no longer than its length', () => {
  expect(clientAddress(from('10.0.0.1', `203.0.113.5${',10.0.0.2'.repeat(5_000)}`)).client).toBe('203.0.113.5')
})
