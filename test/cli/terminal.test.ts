import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic } from '../support/servers.js'
import { startOurs } from './commands.js'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const DRIVER = join(import.meta.dirname, '../support/on-terminal.py')
const hasPython = spawnSync('python3', ['-c', 'import termios']).status === 0
if (!hasPython && process.env.CI) throw new Error('python3 is missing: apt-get install python3')

let ours: Awaited<ReturnType<typeof startOurs>>
beforeAll(async () => { ours = await startOurs() })
afterAll(() => ours.close())

interface Shown { shown: string; status: number | string; left: unknown[]; restored: boolean; echoes: boolean }

/** Runs the built program on a terminal. Each step waits for a text, and types another. */
async function onTerminal(args: string, steps: [string, string][], { env = {}, columns = 80 }: { env?: Record<string, string>; columns?: number } = {}): Promise<Shown> {
  const child = spawn('python3', [DRIVER], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify({
    argv: [process.execPath, MAIN, ...args.split(' ')],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm', KAPACITOR_AUTH_META_ADDR: ours.address, ...env },
    steps,
    columns,
  }))
  let text = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk
  return JSON.parse(text)
}

const admin = { KAPACITOR_USERNAME: 'admin', KAPACITOR_PASSWORD: 'the admin password' }
const ADMIN = 'the admin password\r'
const asks = async (name: string, password: string) =>
  (await fetch(`http://${ours.address}/user`, { headers: { authorization: basic(name, password) } })).status
const create = async (name: string, password: string) =>
  fetch(`http://${ours.address}/user`, { method: 'POST', headers: { authorization: basic('admin', 'the admin password') }, body: JSON.stringify({ action: 'create', user: { name, password } }) })

describe.skipIf(!hasPython)('on a terminal', { timeout: 120_000 }, () => {
  test('passwords are asked for and never shown', async () => {
    const { shown, status, restored, left } = await onTerminal('user create ann --username admin', [
      ['Password of user "admin": ', ADMIN],
      ['New password of user "ann": ', 'pässword of ann\r'],
      ['Repeat the password: ', 'pässword of ann\r'],
    ])
    expect({ shown, status, restored, left }).toEqual({
      shown: 'Password of user "admin": \r\nNew password of user "ann": \r\nRepeat the password: \r\nuser ann created\r\n',
      status: 0, restored: true, left: [],
    })
    expect(await asks('ann', 'pässword of ann')).toBe(403)
  })

  test('what is pasted ahead is not shown either, and counts', async () => {
    const { shown, status } = await onTerminal('user create bob --username admin', [
      ['Password of user "admin": ', `${ADMIN}pasted pw\rpasted pw\r`],
    ])
    expect({ shown, status }).toEqual({ shown: 'Password of user "admin": \r\nNew password of user "bob": \r\nRepeat the password: \r\nuser bob created\r\n', status: 0 })
    expect(await asks('bob', 'pasted pw')).toBe(403)
  })

  test('keys: erase, erase all, arrows; a pasted end of line of Windows is one', async () => {
    const typed = 'nonsense\x15x\x1b[D\x1b[C\x7fgoöd\x7f\x7fod\r\n'
    const { shown, status } = await onTerminal('user create keys', [['New password', typed], ['Repeat the password: ', 'good\r']], { env: admin })
    expect({ shown, status }).toEqual({ shown: 'New password of user "keys": \r\nRepeat the password: \r\nuser keys created\r\n', status: 0 })
    expect(await asks('keys', 'good')).toBe(403)
  })

  test('two that differ change nothing', async () => {
    const { shown, status, restored } = await onTerminal('user create carl', [['New password', 'one\r'], ['Repeat the password: ', 'two\r']], { env: admin })
    expect({ status, restored }).toEqual({ status: 1, restored: true })
    expect(shown).toMatch(/kapacitor-auth: the passwords differ; nothing was changed\r\n$/)
    expect(shown).not.toMatch(/: one|: two/)
    expect(await asks('carl', 'one')).toBe(401)
  })

  test.each<[string, string, number | string, RegExp]>([
    // says              typed       status      shown
    ['Ctrl-C',           'hunter2\x03', 'signal 2', /^New password of user "dan": \r\n$/],
    ['Ctrl-D',           '\x04',        1,          /^New password of user "dan": \r\nkapacitor-auth: no password was given\r\n$/],
    ['an empty line',    '\r',          1,          /^New password of user "dan": \r\nkapacitor-auth: no password was given\r\n$/],
  ])('%s ends it, and the terminal echoes again', async (_says, typed, status, pattern) => {
    const ended = await onTerminal('user create dan', [['New password', typed]], { env: admin })
    expect(ended).toMatchObject({ status, restored: true, echoes: true })
    expect(ended.shown).toMatch(pattern)
    expect(await asks('dan', 'hunter2')).toBe(401)
  })

  test.each<[string, string, number, number]>([
    ['y',  'y\r',          0, 401],
    ['a mind changed', 'yes\x7f\x7f\x7fno\r', 1, 403],
  ])('a user is deleted after a question: %s', async (_says, typed, status, then) => {
    await create('eve', 'pw')
    const ended = await onTerminal('user delete eve', [['Really delete user eve? [y/N] ', typed]], { env: admin })
    expect(ended).toMatchObject({ status, restored: true })
    expect(await asks('eve', 'pw')).toBe(then)
  })

  test('a table is no wider than the terminal; its heading is bold, unless NO_COLOR says otherwise', async () => {
    const list = (env: Record<string, string>) => onTerminal('user grant admin ReadData,WriteData,Monitor,ManageShard,CopyShard --database telegraf', [], { env: admin, columns: 60 })
      .then(() => onTerminal('user show admin', [], { env: { ...admin, ...env }, columns: 60 }))
    const { shown } = await list({})
    expect(shown.replaceAll('\r', '')).toBe(`user   admin
admin  yes
roles  none

\x1b[1mDATABASE  PERMISSIONS                            GRANTED\x1b[22m
(all)     all                                    to the user
telegraf  ReadData, WriteData, ManageShard,      to the user
          Monitor, CopyShard
`)
    expect((await list({ NO_COLOR: '1' })).shown).not.toContain('\x1b')
  })

  test('standard input that is a terminal is not waited for', async () => {
    const { shown, status } = await onTerminal('user create fred --new-password-stdin', [], { env: admin })
    expect({ shown, status }).toEqual({ shown: 'kapacitor-auth: --new-password-stdin: standard input is a terminal; leave it out to be asked\r\n', status: 1 })
  })
})
