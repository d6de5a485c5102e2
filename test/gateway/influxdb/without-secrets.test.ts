import { expect, test } from 'vitest'
import { withoutSecrets } from '../../../src/gateway/influxdb/query/without-secrets.js'

test.each([
  // says                     error                                                     shown
  ['with a password',         'invalid subscription URL: ftp://~subscriber:secret@h:1', 'invalid subscription URL: ftp://***@h:1'],
  ['with an @ in it',         'invalid subscription URL: ftp://ann:se@cret@h',          'invalid subscription URL: ftp://***@h'],
  ['with spaces in it',       'invalid subscription URL: ftp://ann:se cret@h',          'invalid subscription URL: ftp://***@h'],
  ['without a password',      'invalid subscription URL: ftp://h:1',                    'invalid subscription URL: ftp://h:1'],
  ['without a URL',           'database not found: a@b',                                'database not found: a@b'],
])("InfluxDB's error does not show the password of a URL: %s", (_says, error, shown) => {
  expect(withoutSecrets({ error }).error).toBe(shown)
})
