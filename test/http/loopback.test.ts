import { expect, test } from 'vitest'
import { isLoopback } from '../../src/http/loopback.js'

test.each([
  // host                local
  ['localhost',          true],
  ['LOCALHOST.',         true],
  ['127.0.0.1',          true],
  ['127.9.9.9',          true],
  ['::1',                true],
  ['[::1]',              true],
  ['::ffff:127.0.0.1',   true],
  ['[::ffff:7f00:1]',    true],
  ['[::ffff:a00:1]',     false],
  ['[127.0.0.1',         false],
  ['',                   false],
  ['0.0.0.0',            false],
  ['10.0.0.1',           false],
  ['127.example.org',    false],
  ['localhost.evil.org', false],
  ['::',                 false],
  ['[::2]',              false],
  ['a.localhost',        false],
  ['127.1',              false],
])('%s stays on this machine: %s', (host, local) => {
  expect(isLoopback(host)).toBe(local)
})
