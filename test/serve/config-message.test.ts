import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { eachKey } from '../../src/config/sections/sections.js'
import { changedKeys } from '../../src/serve/reload/changed-keys.js'
import { decodeConfig, encodeConfig } from '../../src/serve/workers/config-message.js'
import { Secret } from '../../src/text/secret.js'

const load = (overrides: Record<string, string> = {}) => loadConfig({ file: false, env: {}, overrides })

test.each([
  ['defaults',           load()],
  ['lists and secrets',  load({ 'auth.meta-addr': 'a:1,b:2', 'auth.meta-username': 'u', 'auth.meta-password': 'p "{\\', 'gateway.trusted-proxies': '10.0.0.0/8', 'http.shared-secret': 'a secret of 32 bytes and more ..' })],
])('a configuration is the same in another process: %s', (_says, config) => {
  const copy = decodeConfig(encodeConfig(config))
  expect([...eachKey()].length).toBeGreaterThan(80)
  expect(changedKeys(config, copy)).toEqual([])
  expect(copy.origins).toEqual(config.origins)
  expect(copy.warnings).toEqual(config.warnings)
  expect(isDeepStrictEqual(copy.http, { ...copy.http })).toBe(true)
  expect([copy, copy.http, copy.auth.metaAddr].every(Object.isFrozen)).toBe(true)
})

test('a secret is a secret there, too', () => {
  const { http } = decodeConfig(encodeConfig(load({ 'http.shared-secret': 'a secret of 32 bytes and more ..' })))
  expect(http.sharedSecret).toBeInstanceOf(Secret)
  expect(http.sharedSecret?.reveal()).toBe('a secret of 32 bytes and more ..')
  expect(`${JSON.stringify(http)}`).not.toContain('32 bytes')
})
