import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createClientNetwork, networkOf } from '../../src/http/client-network.js'

test.each([
  // says                          address                                    network
  ['IPv4',                         '192.0.2.1',                               '192.0.2.1'],
  ['another host, another client', '192.0.2.2',                               '192.0.2.2'],
  ['IPv6',                         '2001:db8:1:2:3:4:5:6',                    '2001:db8:1:2::/64'],
  ['another of the same 64 bits',  '2001:db8:1:2:ffff::',                     '2001:db8:1:2::/64'],
  ['another network',              '2001:db8:1:3:3:4:5:6',                    '2001:db8:1:3::/64'],
  ['zeros left out in the middle', '2001:db8::6',                             '2001:db8:0:0::/64'],
  ['zeros left out in the network', '2001::2:0:0:0:1',                        '2001:0:0:2::/64'],
  ['zeros written',                '2001:0db8:0001:0002:0:0:0:1',             '2001:db8:1:2::/64'],
  ['capital letters',              '2001:DB8:A:B::1',                         '2001:db8:a:b::/64'],
  ['this machine',                 '::1',                                     '0:0:0:0::/64'],
  ['no address yet',               '::',                                      '0:0:0:0::/64'],
  ['IPv4 inside',                  '64:ff9b::192.0.2.33',                     '64:ff9b:0:0::/64'],
  ['IPv4 inside, written out',     '64:ff9b:0:0:0:0:192.0.2.33',              '64:ff9b:0:0::/64'],
])('%s: %s', (_says, address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.each([
  // says                                             peer                   forwarded       network
  ['the other end of the connection',                 '192.0.2.1',           undefined,      '192.0.2.1'],
  ['IPv4 in IPv6 is IPv4',                            '::ffff:192.0.2.1',    undefined,      '192.0.2.1'],
  ['what an untrusted peer says changes nothing',     '192.0.2.1',           '198.51.100.7', '192.0.2.1'],
  ['a trusted proxy is believed',                     '10.0.0.1',            '2001:db8::1',  '2001:db8:0:0::/64'],
  ['IPv4 in IPv6 is IPv4, however it is spelt',       '10.0.0.1',            '::ffff:102:304', '1.2.3.4'],
  ['the rightmost but for proxies',                   '10.0.0.1',            '1.2.3.4, 198.51.100.7, 10.0.0.2', '198.51.100.7'],
  ['a trusted proxy that says nothing is nobody',     '10.0.0.1',            undefined,      undefined],
  ['no connection any more',                          undefined,             undefined,      undefined],
])('%s', (_says, remoteAddress, forwarded, network) => {
  const rawHeaders = forwarded === undefined ? [] : ['X-Forwarded-For', forwarded]
  const request = { socket: { remoteAddress }, rawHeaders } as unknown as IncomingMessage
  expect(createClientNetwork(['10.0.0.0/8'])(request)).toBe(network)
})
