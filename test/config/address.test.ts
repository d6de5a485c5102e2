import { describe, expect, test } from 'vitest'
import { addressProblem, parseAddress } from '../../src/config/kinds/address.js'

const ASK = { listen: false, tlsKey: 'meta-use-tls' }
const LISTEN = { listen: true, tlsKey: 'https-enabled' }

describe('an address is taken apart', () => {
  test.each([
    // text                   host              port
    ['127.0.0.1:8091',        '127.0.0.1',      8091],
    [':9092',                 '',               9092],
    ['localhost:0',           'localhost',      0],
    ['meta-1.example.org:1',  'meta-1.example.org', 1],
    ['meta_1:8091',           'meta_1',         8091],
    ['example.org.:65535',    'example.org.',   65535],
    ['[::1]:9092',            '::1',            9092],
    ['[2001:db8::7]:8091',    '2001:db8::7',    8091],
    ['[fe80::1%eth0]:8091',   'fe80::1%eth0',   8091],
  ])('%s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port })
    expect(addressProblem(text, LISTEN)).toBeUndefined()
  })
})

describe('a mistake in an address is named', () => {
  test.each([
    // text                          says
    ['',                             /empty/],
    ['172.17.0.2:8091:8091',         /two ports/],
    ['meta:8091:8091',               /two ports/],
    ['a:b:c',                        /more than one colon/],
    ['a:1:2:3',                      /more than one colon/],
    ['meta',                         /port is missing/],
    ['127.0.0.1',                    /port is missing/],
    ['meta:',                        /port is missing/],
    ['[::1]',                        /port is missing/],
    ['[::1]:',                       /port is missing/],
    ['http://meta:8091',             /without http.*meta-use-tls/],
    ['https://meta:8091',            /without http.*meta-use-tls/],
    ['HTTPS://meta',                 /without http.*meta-use-tls/],
    ['admin:pw@meta:8091',           /user name and password/],
    ['me ta:8091',                   /space/],
    [' meta:8091',                   /space/],
    ['meta:8091\n',                  /space/],
    ['::1',                          /brackets/],
    ['::1:8091',                     /brackets/],
    ['2001:db8::7:8091',             /brackets/],
    ['[meta]:8091',                  /must be an IPv6/],
    ['[127.0.0.1]:8091',             /must be an IPv6/],
    ['[]:8091',                      /must be an IPv6/],
    ['[::1:8091',                    /colon/],
    ['::1]:8091',                    /colon/],
    ['300.1.1.1:8091',               /not a host name/],
    ['1.2.3:8091',                   /not a host name/],
    ['1234:8091',                    /not a host name/],
    ['-meta:8091',                   /not a host name/],
    ['meta-:8091',                   /not a host name/],
    ['a..b:8091',                    /not a host name/],
    ['münchen:8091',                 /not a host name/],
    ['*:8091',                       /not a host name/],
    ['a/b:8091',                     /not a host name/],
    [`${'a'.repeat(64)}:8091`,       /not a host name/],
    [`${'a'.repeat(64)}.org:8091`,   /not a host name/],
    [`${'a.'.repeat(127)}:8091`,     /not a host name/],
    ['meta:8091/',                   /port is not a number/],
    ['meta:http',                    /port is not a number/],
    ['meta:08091',                   /port is not a number/],
    ['meta:-1',                      /port is not a number/],
    ['meta:+1',                      /port is not a number/],
    ['meta:1e3',                     /port is not a number/],
    ['meta:65536',                   /above 65535/],
    ['[::1]:99999',                  /above 65535/],
  ])('%j', (text, says) => {
    expect(addressProblem(text, ASK)).toMatch(says)
    expect(parseAddress(text)).toBeUndefined()
  })

  test.each([
    [':8091',    /host is missing/],
    ['meta:0',   /port 0/],
    ['[::1]:0',  /port 0/],
  ])('%j can be listened at, but not asked', (text, says) => {
    expect(addressProblem(text, LISTEN)).toBeUndefined()
    expect(addressProblem(text, ASK)).toMatch(says)
  })

  // Were a pattern quadratic, this would take minutes: the limit is the test's own
  test('however long it is', () => {
    addressProblem(`${'a-'.repeat(300_000)}:1`, ASK)
    addressProblem(`${'1.'.repeat(300_000)}:1`, ASK)
    addressProblem(`[${'::'.repeat(300_000)}]`, ASK)
  })
})
