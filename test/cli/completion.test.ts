import { spawnSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { PERMISSIONS } from '../../src/authz/permission.js'
import { runCommand } from './commands.js'

let script = ''
beforeAll(async () => {
  const { code, stdout, stderr } = await runCommand(['completion', 'bash'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  script = stdout
})

/** Completes each line in a bash of its own. */
function complete(lines: readonly string[][]) {
  const calls = lines.map((words) => `COMP_WORDS=(kapacitor-auth ${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length}; _kapacitor_auth; echo "\${COMPREPLY[*]}"`)
  return spawnSync('bash', ['--norc', '--noprofile', '-c', `${script}\n${calls.join('\n')}`], { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: '/nonexistent' } })
}

test('completes commands, options, permissions, files', () => {
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
    [['completion', ''],                                 ['bash']],
  ]
  const { stdout, stderr } = complete(lines.map(([words]) => words))
  expect(stderr).toBe('')
  const offered = stdout.trimEnd().split('\n').map((text) => text.split(' ').filter((word) => word !== '/etc/passwd-').sort())
  expect(offered).toEqual(lines.map(([, words]) => words))
})

test('nothing that is typed is run', () => {
  expect(complete([['user', 'grant', 'ann', '$(echo run >&2)'], ['user', '`echo run >&2`', 'x']]).stderr).toBe('')
})

test('every permission, and no flag that is there only to be refused', () => {
  for (const name of PERMISSIONS) expect(script).toContain(name)
  expect(script).not.toMatch(/--(?:password|token|secret|new-password)[ )|"]/)
})

test('another shell is refused', async () => {
  expect(await runCommand(['completion', 'cmd'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: command-argument value 'cmd' is invalid for argument 'shell'. Allowed choices are bash.\n/) })
})
