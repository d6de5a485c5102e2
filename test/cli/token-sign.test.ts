import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createNodeVerifier } from '../../src/token/node-verifier.js'
import { createTokenVerifier } from '../../src/token/shared-secret.js'
import { signToken } from '../../src/token/sign-token.js'
import { runCommand } from './commands.js'

const directory = mkdtempSync(join(tmpdir(), 'token-'))
afterAll(() => rmSync(directory, { recursive: true }))
const SECRET = 'a shared secret of the tests'
const FILE = join(directory, 'secret')
writeFileSync(FILE, `${SECRET}\n`, { mode: 0o600 })
const SHORT = join(directory, 'short')
writeFileSync(SHORT, 'hunter2', { mode: 0o600 })

const create = (args: string[], env: Record<string, string> = {}) => runCommand(['token', 'sign', ...args], env)

describe('a token', () => {
  test.each<[string, string[], Record<string, string>, number]>([
    // says                arguments                                                          environment                                seconds
    ['as influxd-ctl',     ['--username', 'ann'],                                             { KAPACITOR_HTTP_SHARED_SECRET: SECRET },  60],
    ['for longer',         ['--username', 'ann', '--expires', '1h30m'],                       { KAPACITOR_HTTP_SHARED_SECRET: SECRET },  5400],
    ['for the meta node',  ['--username', 'ann', '--for', 'meta'],                            { KAPACITOR_META_SHARED_SECRET: SECRET },  60],
    ['by a file',          ['--username', 'ann', '--secret-file', FILE],                      { KAPACITOR_HTTP_SHARED_SECRET: 'another secret, not used' }, 60],
    ['by a file of the configuration', ['--username', 'ann'],                                 { KAPACITOR_HTTP_SHARED_SECRET_FILE: FILE }, 60],
  ])('%s signs in', async (_says, args, env, seconds) => {
    const before = Math.floor(Date.now() / 1000)
    const { code, stdout, stderr } = await create(args, env)
    const after = Math.floor(Date.now() / 1000)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const claims = await createTokenVerifier(SECRET)(stdout.trim())
    expect(claims).toMatchObject({ username: 'ann' })
    const { expiresAt } = claims as { expiresAt: number }
    expect(expiresAt / 1000 - seconds).toBeGreaterThanOrEqual(before)
    expect(expiresAt / 1000 - seconds).toBeLessThanOrEqual(after)
  })

  test.each([
    ['KAPACITOR_META_INTERNAL_SHARED_SECRET'],
    ['KAPACITOR_AUTH_META_INTERNAL_SHARED_SECRET'],
  ])('of a node, by %s', async (name) => {
    const { code, stdout } = await create(['--for', 'node'], { [name]: SECRET })
    expect(code).toBe(0)
    expect(await createNodeVerifier(SECRET)(stdout.trim())).toBe(true)
    expect(await createTokenVerifier(SECRET)(stdout.trim())).toBeInstanceOf(Error)
  })

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['no secret',           ['--username', 'ann'],                                  {}, /^kapacitor-auth: \[http\] shared-secret is not set: set the secret to sign with, or use --secret-file\n$/],
    ['none for InfluxDB',   ['--username', 'ann', '--for', 'influxdb'],             { KAPACITOR_HTTP_SHARED_SECRET: SECRET }, /^kapacitor-auth: \[http\] shared-secret of influxdb.conf is not set/],
    ['none for nodes',      ['--for', 'node'],                                      {}, /^kapacitor-auth: \[auth\] meta-internal-shared-secret and \[meta\] internal-shared-secret are not set/],
    ['no name',             ['--secret-file', FILE],                                {}, /^kapacitor-auth: --username is missing: name the user the token is for\n$/],
    ['an empty name',       ['--username', '', '--secret-file', FILE],              {}, /^kapacitor-auth: --username is missing/],
    ['a node with a name',  ['--username', 'ann', '--for', 'node'],                 {}, /^kapacitor-auth: --for node: such a token has no user name/],
    ['a short secret',      ['--username', 'ann', '--secret-file', SHORT],          {}, /^kapacitor-auth: --secret-file \S+: the secret is shorter than 16 bytes\n$/],
    ['no time at all',      ['--username', 'ann', '--expires', '0'],                {}, /^error: option '--expires <duration>' argument '0' is invalid/],
    ['days',                ['--username', 'ann', '--expires', '1d'],               {}, /^error: option '--expires <duration>'/],
    ['another reader',      ['--username', 'ann', '--for', 'me'],                   {}, /^error: option '--for <audience>' argument 'me' is invalid. Allowed choices are api, influxdb, meta, node.\n/],
    ['a visible secret',    ['--username', 'ann', '--secret', 'hunter2'],           {}, /^kapacitor-auth: everybody on this machine can read a secret on a command line/],
  ])('is refused: %s', async (_says, args, env, error) => {
    const { code, stdout, stderr } = await create(args, env)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(error)
    expect(stderr).not.toContain('hunter2')
  })
})

test('signing needs 16 bytes', async () => {
  await expect(signToken({ secret: 'fifteen bytes..', username: 'ann', expiresAt: 0 })).rejects.toThrow(TypeError)
})
