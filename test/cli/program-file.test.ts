import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { VERSION } from '../../src/version.js'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

test('the built program can be run as it stands, as npx does in a checkout', () => {
  expect(execFileSync(MAIN, ['--version'], { encoding: 'utf8' })).toBe(`${VERSION}\n`)
})
test('B7: an older Node.js is told what is needed, in one line', () => {
  const preload = join(mkdtempSync(join(tmpdir(), 'old-node-')), 'preload.cjs')
  writeFileSync(preload, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } })\nObject.defineProperty(process, 'version', { value: 'v20.18.3' })\n")
  const { status, stderr } = spawnSync(process.execPath, ['--require', preload, MAIN, '--version'], { encoding: 'utf8' })
  rmSync(dirname(preload), { recursive: true })
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'kapacitor-auth: Node.js 20.19 or later is needed; this is v20.18.3\n' })
})
