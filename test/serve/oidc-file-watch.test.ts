import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { serve } from '../../src/serve/serve.js'
import { createLog } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.js'
import { until } from '../support/until.js'

const TASKS = '/kapacitor/v1/tasks'
const ADMIN = { authorization: basic('admin', 'the admin password') }
const REFUSED = 'the file of [oidc] has changed and is refused; what it said before stays in force'

const ends: (() => unknown)[] = []
let directory: ReturnType<typeof temporaryDirectory>
let provider: StandInProvider
beforeEach(async () => {
  directory = temporaryDirectory()
  provider = await startStandInProvider()
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await provider.close()
  directory.remove()
})

const yaml = (...ids: string[]) => `admin:\n  identityProvider: stand-in\n  jwksEndpoint: ${provider.jwksEndpoint}\n  users: [${ids.map((id) => `{ id: ${id}, firstName: A, lastName: B, email: C }`).join(', ')}]\n`
const path = (name = 'values.yaml') => join(directory.path, name)
const write = (text: string, name?: string) => writeFileSync(path(name), text)

function load(keys: Record<string, string> = {}) {
  const overrides = {
    'http.bind-address': '127.0.0.1:0', 'http.log-enabled': 'false', 'meta.http-bind-address': '127.0.0.1:0', 'admin.bind-address': '127.0.0.1:0',
    'meta.dir': path('meta'), 'sample.dir': directory.path, 'meta.bcrypt-cost': '4', 'meta.admin-password': 'the admin password',
    'oidc.file': path(), 'oidc.issuer': provider.issuer, 'oidc.client-id': 'kapacitor', ...keys,
  }
  return loadConfig({ file: false, env: {}, overrides })
}

async function start(keys: Record<string, string> = {}) {
  const log = createLog()
  const serving = await serve(load(keys), log)
  ends.push(() => serving.close())
  const status = async (url: string, headers: Record<string, string>) => (await fetch(url, { headers: { ...headers, connection: 'close' } })).status
  return {
    serving, log,
    /** At Kapacitor's door, and at the meta node. */
    statuses: async (headers: Record<string, string>) => [await status(serving.api.url + TASKS, headers), await status(`${serving.metaNode?.listening.url}/user`, headers)],
    part: async () => {
      const answer = await fetch(`${serving.admin?.url}/readyz`)
      const { ready, parts } = await answer.json() as { ready: boolean; parts: { name: string; reason?: string }[] }
      return { ready, reason: parts.find(({ name }) => name === '[oidc] file')?.reason }
    },
    errors: () => log.lines.filter(({ level }) => level === 'error'),
  }
}

describe('the list of users', () => {
  test('OIDC 30: who is struck from it is refused at every door, with a token that has not expired; others are remembered', async () => {
    write(yaml('ann', 'bob'))
    const { statuses, log } = await start()
    const [ann, bob] = [await provider.bearer('ann'), await provider.bearer('bob')]
    expect(await statuses(ann)).toEqual([200, 200])
    expect(await statuses(bob)).toEqual([200, 200])
    const fetches = provider.fetches()
    write(yaml('bob'))
    await until(async () => (await statuses(ann)).join() === '403,403')
    expect(await statuses(bob)).toEqual([200, 200])
    expect(await statuses(ADMIN)).toEqual([200, 200])
    expect(provider.fetches()).toBe(fetches)
    expect(log.lines).toContainEqual({ level: 'info', fields: { file: path(), changed: ['oidc.admins'] }, message: 'the file of [oidc] has changed: reloaded' })
  })

  test('all that signs in in one process fetches the keys once', async () => {
    write(yaml('ann'))
    const before = provider.fetches()
    const { statuses } = await start()
    expect(await statuses(await provider.bearer('ann'))).toEqual([200, 200])
    expect(provider.fetches() - before).toBe(1)
  })

  test('who is added gets in', async () => {
    write(yaml('ann'))
    const { statuses } = await start()
    const bob = await provider.bearer('bob')
    expect(await statuses(bob)).toEqual([403, 403])
    write(yaml('ann', 'bob'))
    await until(async () => (await statuses(bob)).join() === '200,200')
  })

  test('a file that is replaced by a link, as Kubernetes does it', async () => {
    const publish = (name: string, ...ids: string[]) => {
      mkdirSync(path(name))
      write(yaml(...ids), `${name}/values.yaml`)
      symlinkSync(name, path('..data_tmp'))
      renameSync(path('..data_tmp'), path('..data'))
    }
    publish('..2026_01', 'ann')
    symlinkSync('..data/values.yaml', path())
    const { statuses } = await start()
    const ann = await provider.bearer('ann')
    expect(await statuses(ann)).toEqual([200, 200])
    publish('..2026_02', 'bob')
    await until(async () => (await statuses(ann)).join() === '403,403')
    expect(await statuses(await provider.bearer('bob'))).toEqual([200, 200])
  })
})

describe('a file that cannot be used', () => {
  test.each([
    ['an id that is a number', () => write(yaml('ann').replace('ann', '7')), () => `${path()}:4: admin.users[0].id is a number without quotes; write it in quotes: "7"`],
    ['it is gone',             () => rmSync(path()),                         () => `override oidc.file: [oidc] file = "${path()}": there is no such file`],
  ])('what it said before stays in force, one line says why, readiness shows it: %s', async (_says, spoil, problem) => {
    write(yaml('ann'))
    const { statuses, part, errors } = await start()
    const ann = await provider.bearer('ann')
    expect(await statuses(ann)).toEqual([200, 200])
    expect(await part()).toEqual({ ready: true, reason: undefined })
    spoil()
    await until(() => errors().length > 0)
    expect(errors()).toEqual([{ level: 'error', fields: { problems: [problem()] }, message: REFUSED }])
    expect(await statuses(ann)).toEqual([200, 200])
    expect(await part()).toEqual({ ready: true, reason: `was refused: ${problem()}` })
    write(yaml('bob'))
    await until(async () => (await statuses(ann)).join() === '403,403')
    await until(async () => (await part()).reason === undefined)
  })
})

test('a key set that does not tell the issuer, where none is configured: the one before stays in force', async () => {
  const known = () => yaml('ann').replace('/keys', '/protocol/openid-connect/certs')
  write(known())
  const { statuses, errors, part } = await start({ 'oidc.issuer': '' })
  const ann = await provider.bearer('ann')
  expect(await statuses(ann)).toEqual([200, 200])
  write(yaml('ann'))
  await until(() => errors().length > 0)
  expect(errors()).toEqual([{ level: 'error', fields: { problems: [`${path()}:3: [oidc] issuer is needed: "${provider.jwksEndpoint}" does not tell whose keys it has`] }, message: REFUSED }])
  expect((await part()).reason).toMatch(`was refused: ${path()}:3: [oidc] issuer is needed`)
  expect(await statuses(ann)).toEqual([200, 200])
})

describe('beside a reload of the whole', () => {
  test('a reload of the whole makes nobody an administrator by an omission, either', async () => {
    const member = (id: string) => yaml(id).replace('email: C', 'email: C, userGroups: [Member]')
    write(member('ann'))
    const { serving, statuses } = await start()
    const ann = await provider.bearer('ann')
    write(yaml('ann'))
    await expect(serving.reload(load())).rejects.toThrow('"ann" is Member now, and without userGroups would become Admin')
    expect((await statuses(ann)).includes(200)).toBe(false)
  })

  test('another file is watched from then on', async () => {
    write(yaml('ann'))
    write(yaml('bob'), 'other.yaml')
    const { serving, statuses, log } = await start()
    const [ann, bob, eve] = [await provider.bearer('ann'), await provider.bearer('bob'), await provider.bearer('eve')]
    await serving.reload(load({ 'oidc.file': path('other.yaml') }))
    expect(await statuses(ann)).toEqual([403, 403])
    expect(await statuses(bob)).toEqual([200, 200])
    write(yaml('ann', 'eve'))
    write(yaml('eve'), 'other.yaml')
    await until(async () => (await statuses(eve)).join() === '200,200')
    expect(await statuses(ann)).toEqual([403, 403])
    expect(log.lines.filter(({ fields }) => fields.file === path())).toEqual([])
  })

  test('a file that has changed since the configuration was read is not forgotten', async () => {
    write(yaml('ann'))
    const { serving, statuses } = await start()
    const stale = load()
    write(yaml('bob'))
    await until(async () => (await statuses(await provider.bearer('bob'))).join() === '200,200')
    await serving.reload(stale)
    await until(async () => (await statuses(await provider.bearer('ann'))).join() === '403,403')
    expect(await statuses(await provider.bearer('bob'))).toEqual([200, 200])
  })
})

test('another provider in the file: its tokens count, those of the one before do not', async () => {
  const other = await startStandInProvider()
  ends.push(() => other.close())
  write(yaml('ann'))
  const { serving, statuses } = await start()
  const before = await provider.bearer('ann')
  expect(await statuses(before)).toEqual([200, 200])
  await serving.reload(load({ 'oidc.issuer': other.issuer }))
  write(yaml('ann').replace(provider.jwksEndpoint, other.jwksEndpoint))
  const after = await other.bearer('ann')
  await until(async () => (await statuses(after)).join() === '200,200')
  expect(await statuses(before)).toEqual([401, 401])
})
