import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VERSION } from '../../src/version.js'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

test('the built program can be run as it stands, as npx does in a checkout', () => {
  expect(execFileSync(MAIN, ['--version'], { encoding: 'utf8' })).toBe(`${VERSION}\n`)
})
