import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemAuthorities } from '../../src/tls/system-authorities.js'
import { makeCertificates } from '../support/certificates.js'

const directory = mkdtempSync(join(tmpdir(), 'system-authorities-'))
const at = (name: string) => join(directory, name)
const names = new Map<string, string>()
beforeAll(async () => {
  const { ca, otherCa, intermediate } = await makeCertificates()
  for (const [name, pem] of [['ca', ca], ['other', otherCa], ['intermediate', intermediate]] as const) names.set(pem.trim(), name)
  const broken = ca.replace(/\n.{8}/, '\nAAAAAAAA')
  writeFileSync(at('bundle'), `# Comment - with a dash\n${ca}\n${otherCa}`)
  writeFileSync(at('second'), intermediate)
  writeFileSync(at('extra'), intermediate)
  writeFileSync(at('empty'), '')
  writeFileSync(at('with-noise'), `${broken}\n${otherCa}\nnothing`)
  mkdirSync(at('dir'))
  writeFileSync(at('dir/a.pem'), ca)
  writeFileSync(at('dir/b.0'), ca)
  writeFileSync(at('dir/c.pem'), otherCa)
  writeFileSync(at('dir/noise'), 'nothing')
  mkdirSync(at('dir/sub'))
})
afterAll(() => rmSync(directory, { recursive: true }))

test.each<[string, Record<string, string>, string[], string[], string[] | undefined]>([
  // says                                        environment                          files                    directories  found
  ['the first file that can be read',            {},                                  ['none', 'empty', 'bundle', 'second'], ['dir'], ['ca', 'other']],
  ['what cannot be read in it is passed over',   {},                                  ['with-noise'],          [],          ['other']],
  ['without a file, the directories',            {},                                  ['none'],                ['none', 'dir'], ['ca', 'other']],
  ['SSL_CERT_FILE instead of the files',         { SSL_CERT_FILE: 'second' },         ['bundle'],              ['dir'],     ['intermediate']],
  ['SSL_CERT_DIR beside the file',               { SSL_CERT_DIR: 'dir' },             ['second'],              [],          ['ca', 'intermediate', 'other']],
  ['NODE_EXTRA_CA_CERTS on top',                 { NODE_EXTRA_CA_CERTS: 'extra' },    ['bundle'],              [],          ['ca', 'intermediate', 'other']],
  ['nothing there',                              {},                                  ['none'],                ['none'],    undefined],
  ['nothing but NODE_EXTRA_CA_CERTS',            { NODE_EXTRA_CA_CERTS: 'extra' },    ['none'],                ['none'],    undefined],
  ['an SSL_CERT_FILE that is not there',         { SSL_CERT_FILE: 'none' },           ['bundle'],              [],          undefined],
])('%s', (_says, env, files, directories, expected) => {
  const paths = Object.fromEntries(Object.entries(env).map(([name, path]) => [name, at(path)]))
  const found = systemAuthorities(paths, files.map(at), directories.map(at))
  expect(found?.map((pem) => names.get(pem.trim())).sort()).toEqual(expected)
})

test('several directories in SSL_CERT_DIR are separated by colons', () => {
  mkdirSync(at('dir2'))
  writeFileSync(at('dir2/x'), [...names.keys()][2] as string)
  expect(systemAuthorities({ SSL_CERT_DIR: `${at('dir')}:${at('none')}:${at('dir2')}` }, [], [])).toHaveLength(3)
})

test("B5: this machine's own are found where its distribution has them", () => {
  expect(systemAuthorities({})?.length ?? 0).toBeGreaterThan(10)
})
