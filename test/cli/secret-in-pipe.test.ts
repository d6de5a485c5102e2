import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bearerSignIn } from '../../src/cli/sign-in/bearer-sign-in.js'
import { readSecretFile } from '../../src/cli/terminal/read-secret.js'

test('a secret is read from a pipe, too, as a shell makes one of <(…)', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-'))
  try {
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    const writer = spawn('sh', ['-c', 'printf "a secret\\n" > "$0"', pipe])
    expect(readSecretFile('--password-file', pipe)).toBe('a secret')
    await once(writer, 'exit')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

describe('an error names option, file and reason, and not what is in the file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  test.each<[string, string | Buffer | undefined, RegExp]>([
    // says                     content                      reason
    ['not there',               undefined,                   /there is no such file$/],
    ['empty',                   '',                          /it is empty$/],
    ['only a newline',          '\n',                        /it is empty$/],
    ['two newlines at the end', 'hunter2\n\n',               /more than one newline at the end$/],
    ['a NUL byte',              'hunter2\0x',                /it contains a NUL byte$/],
    ['not UTF-8',               Buffer.from([0xff, 0xfe]),   /it is not UTF-8 text$/],
    ['too long',                'hunter2'.repeat(10_000),    /longer than 65536 bytes$/],
    ['not a token',             'hunter2 and more',          /not a bearer token$/],
  ])('%s', (says, content, reason) => {
    const file = join(directory, says.replaceAll(' ', '-'))
    if (content !== undefined) writeFileSync(file, content, { mode: 0o600 })
    const read = () => bearerSignIn(readSecretFile('--token-file', file), `--token-file ${file}`)
    expect(read).toThrow(reason)
    expect(read).toThrow(`--token-file ${file}: `)
    expect(read).not.toThrow('hunter2')
  })

  test.each([
    // says                     path             reason
    ['a link to itself',        'loop',          /: too many symbolic links encountered \(ELOOP\)$/],
    ['a name that is too long', 'x'.repeat(300), /: name too long \(ENAMETOOLONG\)$/],
  ])('%s', (_says, name, reason) => {
    const file = join(directory, name)
    if (name === 'loop') symlinkSync(name, file)
    expect(() => readSecretFile('--token-file', file)).toThrow(reason)
    expect(() => readSecretFile('--token-file', file)).toThrow(`--token-file ${file}: `)
  })

  test.each([
    ['a pipe without an end',  'yes hunter2 2> /dev/null > "$0"',  /longer than 65536 bytes$/],
    ['an empty pipe',          ': > "$0"',                         /it is empty$/],
  ])('%s', async (_says, script, reason) => {
    const pipe = join(directory, 'pipe')
    rmSync(pipe, { force: true })
    execFileSync('mkfifo', [pipe])
    const writer = spawn('sh', ['-c', script, pipe])
    expect(() => readSecretFile('--new-password-file', pipe)).toThrow(reason)
    await once(writer, 'exit')
  })
})
