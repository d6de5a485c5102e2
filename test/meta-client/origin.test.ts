import { expect, test } from 'vitest'
import { parseAddress } from '../../src/meta-client/wire/origin.js'

test.each<['http' | 'https', string, string | undefined]>([
  // scheme  address                      origin
  ['http',   'meta:8091',                 'http://meta:8091'],
  ['https',  'META.Example:8091',         'https://meta.example:8091'],
  ['http',   'meta:80',                   'http://meta'],
  ['https',  'meta:443',                  'https://meta'],
  ['https',  'meta:80',                   'https://meta:80'],
  ['http',   '172.17.0.2:8091',           'http://172.17.0.2:8091'],
  ['http',   '[::1]:8091',                'http://[::1]:8091'],
  ['http',   '[0:0::0001]:8091',          'http://[::1]:8091'],
  ['http',   '',                          undefined],
  ['http',   'meta',                      undefined],
  ['http',   'meta:',                     undefined],
  ['http',   ':8091',                     undefined],
  ['http',   'meta:0',                    undefined],
  ['http',   'meta:65536',                undefined],
  ['http',   'meta:x',                    undefined],
  ['http',   'meta:-1',                   undefined],
  ['http',   'meta:8091:8091',            undefined],
  ['http',   ' meta:8091',                undefined],
  ['http',   'meta:8091\n',               undefined],
  ['http',   'http://meta:8091',          undefined],
  ['http',   'meta:8091/',                undefined],
  ['http',   'meta/x:8091',               undefined],
  ['http',   'user@meta:8091',            undefined],
  ['http',   'u:p@meta:8091',             undefined],
  ['http',   'meta:8091?x',               undefined],
  ['http',   'meta:8091#x',               undefined],
  ['http',   'me\\ta:8091',               undefined],
  ['http',   'me%2fta:8091',              undefined],
  ['http',   '::1:8091',                  undefined],
  ['http',   '[::1]',                     undefined],
  ['http',   '[meta]:8091',               undefined],
  ['http',   '[::1:8091',                 undefined],
  ['http',   '[:::]:8091',                undefined],
  ['http',   '256.1.1.1:8091',            undefined],
])('%s, %j: %j', (scheme, address, origin) => {
  expect(parseAddress(scheme, address)).toBe(origin)
})
