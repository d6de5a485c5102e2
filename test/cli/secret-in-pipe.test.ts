import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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
