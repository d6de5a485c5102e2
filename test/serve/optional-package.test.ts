import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const main = join(import.meta.dirname, '../../dist/main.js')
const directory = mkdtempSync(join(tmpdir(), 'optional-package-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** As if `npm install --omit=optional` had left the package out. */
function without(name: string): string {
  const hooks = `export async function resolve(name, context, next) {
    if (name !== '${name}') return next(name, context)
    throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' })
  }`
  return script(`import { register } from 'node:module'; register(${JSON.stringify(script(hooks))})`)
}

const script = (text: string) => `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`

test.each<[string, string, string[], string]>([
  // says                          without          keys                                                             line
  ['LMDB',                         'lmdb',          ['store = "lmdb"'],                                              '[meta] store = "lmdb": the package lmdb is not installed (it is an optional dependency): run "npm install lmdb", or name a meta node with [auth] meta-addr'],
  ['etcd',                         '@grpc/grpc-js', ['store = "etcd"', 'etcd-endpoints = "etcd1:2379"'],             '[meta] store = "etcd": the package @grpc/grpc-js is not installed (it is an optional dependency): run "npm install @grpc/grpc-js", or use [meta] store = "lmdb"'],
  ['LMDB with another meta node',  'lmdb',          ['store = "lmdb"', '[auth]', 'meta-addr = "meta1:8091"'],       ''],
])('B7: config names the missing package of the store, as serve does: %s', (_says, name, keys, line) => {
  const file = join(directory, 'kapacitor.conf')
  writeFileSync(file, ['[meta]', ...keys].join('\n'), { mode: 0o600 })
  const args = ['--no-deprecation', '--import', without(name), main, 'config', '--config', file, '--data-dir', directory]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { PATH: process.env.PATH } })
  expect(stderr).toBe(line && `kapacitor-auth: ${line}\n`)
  expect(status).toBe(line ? 1 : 0)
})
