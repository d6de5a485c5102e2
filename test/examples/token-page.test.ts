// The commands and requests of docs/tokens.md, as printed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOurs } from '../cli/commands.js'

const ROOT = join(import.meta.dirname, '../..')
const blocks = [...readFileSync(join(ROOT, 'docs/tokens.md'), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block as string)
const [COMMANDS = '', , API = ''] = blocks
const TOKEN = /^kapa1_[\da-f]{64}$/

let ours: Awaited<ReturnType<typeof startOurs>>
beforeEach(async () => { ours = await startOurs() })
afterEach(() => ours.close())

/** What a line of the page prints on standard output. */
async function run(line: string): Promise<string> {
  const program = `kapacitor-auth() { '${process.execPath}' '${join(ROOT, 'dist/main.js')}' "$@"; }\n${line}`
  const child = spawn('bash', ['--norc', '-c', program], {
    env: { PATH: process.env.PATH, HOME: ours.directory, PASSWORD: 'the admin password', KAPACITOR_USERNAME: 'admin', KAPACITOR_PASSWORD: 'the admin password', KAPACITOR_AUTH_META_ADDR: ours.address },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let shown = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) shown += chunk
  return shown.trim()
}

test('the commands', { timeout: 60_000 }, async () => {
  const [grafana, telegraf, chronograf, list, update, revoke] = COMMANDS.trim().split('\n') as [string, string, string, string, string, string]
  for (const create of [grafana, telegraf, chronograf]) expect(await run(create)).toMatch(TOKEN)
  const listed = (await run(list)).split('\n').slice(1)
  expect(listed.map((line) => line.split(/ {2,}/).slice(1, 4).join(' | ')).sort()).toEqual([
    'chronograf | admin | KapacitorAPI',
    'grafana | admin | read telegraf',
    'telegraf on web1 | admin | write telegraf',
  ])
  const id = listed.find((line) => line.includes('until'))?.split(' ')[0] as string
  await run(update.replace('ID', id))
  expect(await run(list)).not.toContain('until')
  await run(`${revoke.replace('ID', id)} --yes`)
  expect(await run(list)).toMatch(/ {2}telegraf on web1 .* revoked /)
})

test('the requests', { timeout: 30_000 }, async () => {
  const [create, list, patch, remove] = API.trim().replaceAll('\n  ', ' ').replaceAll('localhost:8091', ours.address).split('\n') as [string, string, string, string]
  const { id, accessToken, ...made } = JSON.parse(await run(create))
  expect(accessToken).toMatch(TOKEN)
  expect(made).toMatchObject({ description: 'telegraf on web1', owner: { kind: 'user', name: 'admin' }, permissions: [{ action: 'write', resource: 'telegraf' }], expiresAt: '2031-06-01T00:00:00.000Z' })
  expect(JSON.parse(await run(list))).toEqual([{ id, ...made }])
  expect(JSON.parse(await run(patch.replace('ID', id)))).not.toHaveProperty('expiresAt')
  expect(await run(remove.replace('ID', id))).toBe('')
  expect(JSON.parse(await run(list))[0]).toMatchObject({ id, revokedAt: expect.any(String) })
})
