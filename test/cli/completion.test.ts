import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { PERMISSIONS } from '../../src/authz/permission.js'
import { hasShell } from '../support/shells.js'
import { runCommand } from './commands.js'

const scripts: Record<string, string> = {}
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await runCommand(['completion', shell])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    scripts[shell] = stdout
  }
})

const FLAGS: Record<string, string[]> = { bash: ['--norc', '--noprofile'], zsh: ['-f'], fish: ['--no-config'] }
const runShell = (shell: string, program: string) =>
  spawnSync(shell, [...(FLAGS[shell] as string[]), '-c', program], { encoding: 'utf8', env: { ...process.env, HOME: '/tmp' } })

/** What a shell offers for each line. */
const OFFERS: Record<string, (script: string, lines: readonly string[][]) => string> = {
  bash: (script, lines) => `${script}\n${lines.map((words) => `COMP_WORDS=(kapacitor-auth ${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length}; _kapacitor_auth; echo "\${COMPREPLY[*]}"`).join('\n')}`,
  fish: (script, lines) => `${script}\n${lines.map((words) => `echo (complete -C 'kapacitor-auth ${words.join(' ')}' | string replace -r '\\t.*' '')`).join('\n')}`,
}

describe.each(['bash', 'fish'])('%s', (shell) => {
  test.skipIf(!hasShell(shell))('completes commands, options, permissions, files', () => {
    const lines: [string[], string[]][] = [
      // line                                              offered
      [['us'],                                             ['user']],
      [['user', 're'],                                     ['revoke']],
      [['role', 'add'],                                    ['add-user']],
      [['user', 'grant', 'ann', 'readd'],                  ['ReadData']],
      [['user', 'grant', 'ann', 'ReadData,wr'],            ['ReadData,WriteData']],
      [['role', 'revoke', '--username', 'list', 'ops', 'KapacitorC'], ['KapacitorConfigAPI']],
      [['user', 'list', '--meta-c'],                       ['--meta-ca', '--meta-cert']],
      [['user', 'list', '--meta-ca', '/etc/passw'],        ['/etc/passwd']],
      [['token', 'create', '--for', 'm'],                  ['meta']],
      [['user', 'create', '--pass'],                       ['--password-file']],
      [['completion', ''],                                 ['bash', 'fish', 'zsh']],
    ]
    const program = OFFERS[shell]?.(scripts[shell] as string, lines.map(([words]) => words)) as string
    const { stdout, stderr } = runShell(shell, program)
    expect(stderr).toBe('')
    const offered = stdout.trimEnd().split('\n').map((text) => text.split(' ').filter((word) => word !== '/etc/passwd-').sort())
    expect(offered).toEqual(lines.map(([, words]) => words))
  })

  test.skipIf(!hasShell(shell))('nothing that is typed is run', () => {
    const program = OFFERS[shell]?.(scripts[shell] as string, [['user', 'grant', 'ann', '$(echo run >&2)'], ['user', '`echo run >&2`', 'x']]) as string
    expect(runShell(shell, program).stderr).toBe('')
  })
})

test.skipIf(!hasShell('zsh'))('zsh reads it', () => {
  const stubs = 'compdef() {}\ncompset() {}\ncompadd() { print -- "$@" }\n'
  const { stdout, stderr } = runShell('zsh', `${stubs}${scripts.zsh}\nwords=(kapacitor-auth user grant ann read); CURRENT=5; _kapacitor_auth\n`)
  expect(stderr).toBe('')
  expect(stdout).toContain('ReadData WriteData')
})

test.each(['bash', 'zsh', 'fish'])('%s: every permission, and no flag that is there only to be refused', (shell) => {
  for (const name of PERMISSIONS) expect(scripts[shell]).toContain(name)
  expect(scripts[shell]).not.toMatch(/(?:--|-l )(?:password|token|secret|new-password)[ )|"]/)
})

test('another shell is refused', async () => {
  expect(await runCommand(['completion', 'cmd'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: command-argument value 'cmd' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.\n/) })
})
