import { expectTypeOf, test } from 'vitest'
import type { Config } from '../../src/config/config.js'
import type { Secret } from '../../src/text/secret.js'

test('the types of the configuration follow from the table', () => {
  expectTypeOf<Config['http']['authEnabled']>().toEqualTypeOf<boolean>()
  expectTypeOf<Config['http']['bindAddress']>().toEqualTypeOf<string>()
  expectTypeOf<Config['http']['sharedSecret']>().toEqualTypeOf<Secret | undefined>()
  expectTypeOf<Config['auth']['cacheExpiration']>().toEqualTypeOf<number>()
  expectTypeOf<Config['auth']['metaAddr']>().toEqualTypeOf<readonly string[]>()
  expectTypeOf<Config['meta']['dir']>().toEqualTypeOf<string>()
  expectTypeOf<keyof Config>().toEqualTypeOf<'http' | 'auth' | 'oidc' | 'gateway' | 'meta' | 'admin' | 'audit' | 'logging' | 'sample' | 'influxdb' | 'file' | 'influxdbFile' | 'impliedAdmins' | 'warnings' | 'origins'>()
  expectTypeOf<keyof Config['sample']>().toEqualTypeOf<'dir'>()
  // @ts-expect-error a configuration is not written to
  void ((config: Config) => { config.http.logEnabled = false })
  // @ts-expect-error keys are named in camel case
  void ((config: Config) => config.auth['meta-addr'])
})
