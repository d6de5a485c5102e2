import { expect, test } from 'vitest'
import { keyNames } from '../../src/config/sections/sections.js'
import { nearest } from '../../src/text/nearest.js'

test.each([
  // written                meant
  ['meta-adrr',             'meta-addr'],
  ['meta-address',          'meta-addr'],
  ['metaaddr',              'meta-addr'],
  ['meta_addr',             'meta-addr'],
  ['META-ADDR',             'meta-addr'],
  ['meta-pasword',          'meta-password'],
  ['meta-pasword-file',     'meta-password-file'],
  ['bcyrpt-cost',           'bcrypt-cost'],
  ['brcypt_cost',           'bcrypt-cost'],
  ['enable',                'enabled'],
  ['cache-expiry',          'cache-expiration'],
  ['x',                     undefined],
  ['',                      undefined],
  ['telegram',              undefined],
  ['__proto__',             undefined],
  ['constructor',           undefined],
  ['meta-addr'.repeat(99),  undefined],
])('%s: did you mean %s?', (written, meant) => {
  expect(nearest(written, keyNames('auth'))).toBe(meant)
})

// Were it quadratic, it would take hours: the limit is the test's own
test('a very long name is not close to any', () => {
  expect(nearest('meta-addr'.repeat(200_000), keyNames('auth'))).toBeUndefined()
})
