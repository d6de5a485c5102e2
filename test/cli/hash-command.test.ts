import { describe, expect, test } from 'vitest'
import { createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import { runCommand } from './commands.js'

const hash = (args: string[], input = 'pässword of ann\n') => runCommand(['hash', '--new-password-stdin', ...args], {}, input)

describe('a hash', () => {
  test.each<[string, string[], RegExp]>([
    // says             flags                                          form
    ['of bcrypt',       ['--cost', '4'],                               /^\$2b\$04\$[./\w]{53}\n$/],
    ['of PBKDF2',       ['--kind', 'pbkdf2-sha512', '--cost', '100'],  /^\$pbkdf2-sha512\$100\$/],
    ['in usual rounds', ['--kind', 'pbkdf2-sha256'],                   /^\$pbkdf2-sha256\$29000\$/],
  ])('%s is of the password, and of no other', async (_says, flags, form) => {
    const { code, stdout, stderr } = await hash(flags)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(form)
    const hasher = createBcryptPool({ threads: 1 })
    expect(await hasher.compare('pässword of ann', stdout.trim())).toBe(true)
    expect(await hasher.compare('password of ann', stdout.trim())).toBe(false)
    await hasher.close()
  })

  test.each<[string, string[], string | undefined, string]>([
    // says              flags                  input               error
    ['a low cost',       ['--cost', '3'],       undefined,          '--cost 3: cost must be 4 to 14'],
    ['no number',        ['--cost', 'x'],       undefined,          '--cost x: cost must be 4 to 14'],
    ['an empty one',     [],                    '\n',               '--new-password-stdin: it is empty'],
    ['two newlines',     [],                    'x\n\n',            '--new-password-stdin: more than one newline at the end'],
    ['a long one',       [],                    `${'x'.repeat(73)}`, 'a password is 1 to 72 bytes of UTF-8 without NUL'],
    ['an own token',     [],                    `kapa1_${'0a'.repeat(32)}`, 'the password has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'],
  ])('%s is refused', async (_says, flags, input, error) => {
    expect(await hash(flags, input)).toEqual({ code: 1, stdout: '', stderr: `kapacitor-auth: ${error}\n` })
  })

  test('without a terminal it names only what this command takes', async () => {
    expect(await runCommand(['hash'], {}, '')).toEqual({ code: 1, stdout: '', stderr: 'kapacitor-auth: no new password: there is no terminal to ask on; use --new-password-file, --new-password-stdin or KAPACITOR_NEW_PASSWORD\n' })
  })

  test('a mistake in its arguments points to its own help', async () => {
    expect((await hash(['--generate'])).stderr).toBe("error: unknown option '--generate'\nRun kapacitor-auth hash --help for usage.\n")
  })
})
