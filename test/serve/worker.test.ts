import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { start, temporaryDirectory } from '../support/program.js'

let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => { directory = temporaryDirectory() })
afterEach(() => directory.remove())

/** Loaded into each process: the primary is killed, and gone, at the moment at which a worker sends such a message. */
const killTheParentAt = (message: string) => `
const { send, env } = process
if (!send) env.PRIMARY = process.pid
else process.send = (message, ...rest) => {
  if (${message} && process.ppid === Number(env.PRIMARY)) {
    process.kill(process.ppid, 'SIGKILL')
    while (process.ppid === Number(env.PRIMARY));
    require('node:fs').writeSync(2, 'the parent is gone\\n')
  }
  return send.call(process, message, ...rest)
}
`

test.each([
  // says                  at the message
  ['it is to listen',      "message.act === 'queryServer'"],
  ['it says it is there',  'message.ready'],
  ['it tells its start',   'message.answer'],
])('a worker whose parent dies as %s ends in order, without a word', async (_says, message) => {
  const file = (name: string) => join(directory.path, name)
  writeFileSync(file('preload.cjs'), killTheParentAt(message))
  writeFileSync(file('k.conf'), `
[http]
  bind-address = "127.0.0.1:0"
  workers = 2
[gateway]
  kapacitor-url = "http://127.0.0.1:1"
[meta]
  http-bind-address = "127.0.0.1:0"
  bcrypt-cost = 4
`, { mode: 0o600 })
  const program = start(['serve', '--config', file('k.conf'), '--data-dir', directory.path], {
    KAPACITOR_META_ADMIN_PASSWORD: 'the admin password',
    NODE_OPTIONS: `--require ${file('preload.cjs')}`,
  })
  await program.end() // its output ends with the last worker that holds it
  expect(program.child.signalCode).toBe('SIGKILL')
  const words = program.stderr().split('\n').filter((line) => line !== '')
  expect(words).toContain('the parent is gone')
  expect(words.filter((line) => line !== 'the parent is gone')).toEqual([])
})
