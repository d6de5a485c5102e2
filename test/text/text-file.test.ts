import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadTextFile } from '../../src/text/text-file.js'

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'kapacitor-auth-text-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a file is read, without its byte order mark', () => {
  const path = join(directory(), 'a')
  writeFileSync(path, '\ufeffä\n', { mode: 0o600 })
  expect(loadTextFile(path, 'linux')).toEqual({ text: 'ä\n', isWorldReadable: false })
})

test('a file is read in as many pieces as it comes', () => {
  const path = join(directory(), 'a')
  const text = 'ä'.repeat(100_000)
  writeFileSync(path, text)
  expect(loadTextFile(path, 'linux')).toMatchObject({ text })
})

test('/dev/null is an empty file', () => {
  expect(loadTextFile('/dev/null', 'linux')).toMatchObject({ text: '' })
})

function pipe(): string {
  const path = join(directory(), 'pipe')
  execFileSync('mkfifo', [path])
  return path
}

function linkTo(target: string): string {
  const path = join(directory(), 'link')
  symlinkSync(target, path)
  return path
}

describe('why a file cannot be read is said once, in plain words', () => {
  test.each<[string, () => string, string]>([
    // says                    path                                 reason
    ['missing',                () => join(directory(), 'none'),     'there is no such file'],
    ['a directory',            directory,                           'it is a directory'],
    ['NUL',                    () => 'a\0b',                        'a path has no NUL in it'],
    ['B7: one without an end', () => '/dev/zero',                   'it is not a regular file'],
    ['a pipe nobody writes',   pipe,                                'it is not a regular file'],
    ['a link to such a pipe',  () => linkTo(pipe()),                'it is not a regular file'],
    ['B7: a name too long',    () => `/${'x'.repeat(300)}`,         'name too long (ENAMETOOLONG)'],
  ])('%s', (_says, path, reason) => {
    expect(loadTextFile(path(), 'linux')).toMatchObject({ reason })
  })
})

test('D8: what a file holds does not stay in the memory that small buffers share', () => {
  const path = join(directory(), 'a')
  const secret = ['Yq7', 'nowhere', 'else'].join('-')
  execFileSync('sh', ['-c', `printf Yq7-nowhere-else > '${path}'`])
  expect(loadTextFile(path, 'linux')).toMatchObject({ text: secret })
  expect(Buffer.from(Buffer.from('x').buffer).includes(secret)).toBe(false)
})
