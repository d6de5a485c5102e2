import { chmodSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { variableOf } from '../../src/config/sections/config-file.js'
import { eachKey, SECTIONS } from '../../src/config/sections/sections.js'
import { directory, file, load, loadToml, problems } from './support.js'

const LONG = 'correct horse battery staple, and more of it'

describe('a secret may be kept in a file', () => {
  test.each([
    // says                       file's content          secret
    ['as it stands',              'open sesame',          'open sesame'],
    ['without the last newline',  'open sesame\n',        'open sesame'],
    ["or Windows' one",           'open sesame\r\n',      'open sesame'],
    ['a line break inside',       'open\nsesame\n',       'open\nsesame'],
    ['spaces are kept',           ' open sesame ',        ' open sesame '],
    ['a byte order mark is not',  '\ufeffopen sesame',    'open sesame'],
    ['in any language',           'sésame 🗝',             'sésame 🗝'],
  ])('%s', (_says, content, secret) => {
    const overrides = { 'auth.meta-username': 'a', 'auth.meta-password-file': file('password', content) }
    const config = load({ overrides })
    expect(config.auth.metaPassword?.reveal()).toBe(secret)
    expect(config.origins.get('auth.meta-password')).toBe('override auth.meta-password-file')
    expect(config.warnings).toEqual([])
  })

  test('every secret, from file and environment', () => {
    const path = file('secret', LONG)
    for (const { section, name, key } of eachKey()) {
      if (!key.kind.isSecret) continue
      const influxdb = name === 'influxdb-password'
      const env = { KAPACITOR_AUTH_META_USERNAME: 'a', KAPACITOR_META_ETCD_USERNAME: 'a', ...(influxdb && { KAPACITOR_GATEWAY_INFLUXDB_USERNAME: 'a' }), [`${variableOf(section, name)}_FILE`]: path }
      const toml = `${section}.${name}-file = ${JSON.stringify(path)}\nauth.meta-username = "a"\nmeta.etcd-username = "a"${influxdb ? '\ngateway.influxdb-username = "a"' : ''}`
      for (const config of [load({ env }), loadToml(toml)]) {
        expect(config.origins.get(`${section}.${name}`)).not.toBe('default')
      }
    }
    expect(Object.values(SECTIONS).flatMap(({ keys }) => Object.keys(keys)).filter((name) => name.endsWith('-file'))).toEqual([])
  })

  test('an empty path is none', () => {
    expect(loadToml('[http]\nshared-secret-file = ""').http.sharedSecret).toBeUndefined()
  })

  test('an empty secret beside it is none', () => {
    const toml = `[http]\nshared-secret = ""\nshared-secret-file = ${JSON.stringify(file('s', LONG))}`
    expect(loadToml(toml).http.sharedSecret?.reveal()).toBe(LONG)
  })
})

describe('a secret file is refused', () => {
  test.each([
    // says            path                                       refused as
    ['missing',        () => '/nowhere/secret',                   /^kapacitor.conf:2: \[http\] shared-secret-file = "\/nowhere\/secret": there is no such file$/],
    ['a directory',    directory,                                 /: it is a directory$/],
    ['empty',          () => file('secret', ''),                  /: the file is empty$/],
    ['B6: two newlines',  () => file('secret', 'open sesame\n\n'),      /: it ends in more than one line break$/],
    ['two of Windows',    () => file('secret', 'open sesame\r\n\r\n'),  /: it ends in more than one line break$/],
    ['newlines only',     () => file('secret', '\n\n'),              /: it ends in more than one line break$/],
    ['a newline only', () => file('secret', '\n'),                /: the file is empty$/],
    ['binary',         () => file('secret', new Uint8Array([0xff, 0xfe])), /: it is not UTF-8 text$/],
    ['too short',      () => file('secret', 'zq7 short'),         /: too short; expected a text of at least 16 bytes, without NUL$/],
    ['of NUL',         () => file('secret', `${LONG}\0`),         /: there is a NUL in it; expected a text of at least 16 bytes, without NUL$/],
  ])('when it is %s', (_says, path, says) => {
    const lines = problems(() => loadToml(`[http]\nshared-secret-file = ${JSON.stringify(path())}`))
    expect(lines).toEqual([expect.stringMatching(says)])
    expect(lines.join()).not.toContain('zq7')
  })

  test.each([
    ['in the same layer',  `shared-secret = "${LONG}"`, {}],
    ['in a higher layer',  '',                          { KAPACITOR_HTTP_SHARED_SECRET: LONG }],
  ])('when the secret is given, too, %s', (_says, more, env) => {
    const toml = `[http]\nshared-secret-file = ${JSON.stringify(file('s', LONG))}\n${more}`
    const [line, ...others] = problems(() => loadToml(toml, { env }))
    expect(line).toMatch(/^kapacitor.conf:2: \[http\] shared-secret-file and shared-secret \((kapacitor.conf:3|KAPACITOR_HTTP_SHARED_SECRET)\) are both set; keep one of them$/)
    expect(others).toEqual([])
  })

  test('when the secret is given in a lower layer', () => {
    const env = { KAPACITOR_HTTP_SHARED_SECRET_FILE: file('s', LONG) }
    const lines = problems(() => loadToml(`[http]\nshared-secret = "${LONG}"`, { env }))
    expect(lines).toEqual([expect.stringContaining('(kapacitor.conf:2) are both set')])
  })
})

describe('a secret that every user may read', () => {
  test('in a file of its own is warned of', () => {
    const path = file('secret', LONG)
    chmodSync(path, 0o644)
    const env = { KAPACITOR_HTTP_SHARED_SECRET_FILE: path }
    expect(load({ env, platform: { name: 'linux' } }).warnings).toEqual([
      `KAPACITOR_HTTP_SHARED_SECRET_FILE: every user of this machine may read "${path}"`,
    ])
    expect(load({ env, platform: { name: 'win32' } }).warnings).toEqual([])
    chmodSync(path, 0o640)
    expect(load({ env, platform: { name: 'linux' } }).warnings).toEqual([])
  })

  test.each([
    // says                     TOML                                  mode    warned
    ['that holds one',          `shared-secret = "${LONG}"`,          0o644,  true],
    ['that holds one, private', `shared-secret = "${LONG}"`,          0o640,  false],
    ['that holds an empty one', 'shared-secret = ""',                 0o644,  false],
    ['that holds none',         'log-enabled = true',                 0o644,  false],
  ])('in a configuration file %s', (_says, toml, mode, warned) => {
    const path = file('kapacitor.conf', `[http]\n${toml}`)
    chmodSync(path, mode)
    const { warnings } = load({ file: path, platform: { name: 'linux' } })
    expect(warnings).toEqual(warned ? [`${path}: the file holds a secret, and every user of this machine may read it`] : [])
  })
})
