import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeConfig } from '../../src/config/describe-config.js'
import { directory, file, load, loadToml, problems } from './support.js'

const HEAD = 'admin:\n  jwksEndpoint: https://id.example.com/keys\n'
const CLIENT = { KAPACITOR_OIDC_CLIENT_ID: 'kapacitor' }

const loadYaml = (yaml: string, env: Record<string, string> = CLIENT) => load({ env: { KAPACITOR_OIDC_FILE: file('values.yaml', yaml), ...env } })
const refused = (yaml: string) => problems(() => loadYaml(yaml))
/** With the fields that every user must have, if they are not there. */
const withNames = (user: string) => `${user}${['firstName', 'lastName', 'email'].filter((name) => !user.includes(`${name}:`)).map((name) => `\n      ${name}: A`).join('')}`
const users = (list: string) => refused(`${HEAD}  users:\n${list}`)

describe('what is read', () => {
  test.each([
    // says                                          yaml of one user                                              admins      auditors   members
    ['a user without groups is an administrator',    'id: a',                                                      ['a'],      [],        []],
    ['an administrator',                             'id: a\n      userGroups: [Admin]',                           ['a'],      [],        []],
    ['an auditor',                                   'id: a\n      userGroups: [Auditor]',                         [],         ['a'],     []],
    ['a member',                                     'id: a\n      userGroups:\n        - Member',                 [],         [],        ['a']],
    ['the highest group counts',                     'id: a\n      userGroups: [Member, Admin, Auditor]',          ['a'],      [],        []],
    ['names that are numbers mean nothing',          'id: a\n      firstName: 007\n      lastName: ""\n      email: 1',                ['a'],      [],        []],
    ['an id in quotes, of digits',                   'id: "103547991597142817347"',                                ['103547991597142817347'], [], []],
    ['an id in single quotes',                       "id: '007'",                                                  ['007'],    [],        []],
    ['an id with a tag that says text',              'id: !!str 007',                                              ['007'],    [],        []],
    ['an id with a bar',                             'id: auth0|abc',                                              ['auth0|abc'], [],     []],
    ['an id with a comma is one id',                 'id: "a,b"',                                                  ['a,b'],    [],        []],
    ['fields of others are skipped',                 'id: a\n      dn: cn=a\n      phone: 1',                      ['a'],      [],        []],
  ])('%s', (_says, user, admins, auditors, members) => {
    expect(loadYaml(`${HEAD}  users:\n    - ${withNames(user)}\n`).oidc).toMatchObject({ admins, auditors, members })
  })

  test('what is not ours is skipped: other fields of admin, of spec, other documents', () => {
    const { oidc } = loadYaml(`
kind: ConfigMap
data: { a: !vault x }
---
apiVersion: kubecfg.dev/v1alpha1
kind: AppInstance
spec:
  imagePullSecrets: [&secret { name: x }]
  package:
    image: us-docker.pkg.dev/x
    apiVersion: influxdata.com/v1alpha1
    spec:
      egress: { customCertificates: { valueFrom: x } }
      admin:
        identityProvider: keycloak
        jwksEndpoint: |
          https://id.example.com/keys
        dsn: { valueFrom: { secretKeyRef: { name: dsn } } }
        internalSigningKey: { id: x, privateKey: y }
        users: [{ id: a, firstName: A, lastName: B, email: C, userGroups: [Admin] }, { id: b, firstName: A, lastName: B, email: C, userGroups: [Auditor] }]
---
`)
    expect(oidc).toMatchObject({ provider: 'keycloak', jwksEndpoint: 'https://id.example.com/keys', admins: ['a'], auditors: ['b'] })
  })

  test('aliases stand for what they name', () => {
    const { oidc } = loadYaml(`groups: &auditor [Auditor]\nann: &ann { id: ann, firstName: A, lastName: B, email: C, userGroups: *auditor }\nlist: &list\n  - *ann\n  - { id: bob, firstName: A, lastName: B, email: C, userGroups: [Admin] }\n${HEAD}  users: *list\n`)
    expect(oidc).toMatchObject({ admins: ['bob'], auditors: ['ann'] })
  })

  test('JSON is YAML', () => {
    expect(loadYaml('{"admin": {"jwksEndpoint": "https://id.example.com/keys", "users": [{"id": "a", "firstName": "A", "lastName": "B", "email": "C"}]}}').oidc.admins).toEqual(['a'])
  })

  test('no users is a warning', () => {
    const { oidc, warnings } = loadYaml(`${HEAD}  users: []\n`)
    expect(oidc.admins).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('[oidc] lists no user')])
  })

  test('the file is found by the key, by the variable, by an override; the highest counts', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => file('values.yaml', `${HEAD}  users: [{ id: ${id}, firstName: A, lastName: B, email: C }]`))
    const toml = `[oidc]\nfile = ${JSON.stringify(a)}\nclient-id = "x"\n`
    expect(loadToml(toml).oidc.admins).toEqual(['a'])
    expect(loadToml(toml, { env: { KAPACITOR_OIDC_FILE: b } }).oidc.admins).toEqual(['b'])
    expect(loadToml(toml, { env: { KAPACITOR_OIDC_FILE: b }, overrides: { 'oidc.file': c } }).oidc.admins).toEqual(['c'])
  })

  test('a file as Kubernetes mounts it: a link to a link, replaced as a whole', () => {
    const mount = directory()
    const publish = (name: string, id: string) => {
      mkdirSync(join(mount, name))
      writeFileSync(join(mount, name, 'values.yaml'), `${HEAD}  users: [{ id: ${id}, firstName: A, lastName: B, email: C }]`)
      symlinkSync(name, join(mount, '..data_tmp'))
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
    }
    publish('..2026_01', 'a')
    symlinkSync('..data/values.yaml', join(mount, 'values.yaml'))
    const env = { KAPACITOR_OIDC_FILE: join(mount, 'values.yaml'), ...CLIENT }
    expect(load({ env }).oidc.admins).toEqual(['a'])
    publish('..2026_02', 'b')
    expect(load({ env }).oidc.admins).toEqual(['b'])
  })

  test('each value tells its line', () => {
    const yaml = file('values.yaml', 'admin:\n  identityProvider: keycloak\n  jwksEndpoint: |-\n    https://id.example.com/keys\n  users:\n    - { id: a, firstName: A, lastName: B, email: C, userGroups: [Member] }\n    - { id: b, firstName: A, lastName: B, email: C, userGroups: [Admin] }\n')
    const rows = describeConfig(load({ env: { KAPACITOR_OIDC_FILE: yaml, ...CLIENT } })).filter(({ section }) => section === 'oidc')
    expect(rows.filter(({ origin }) => origin !== 'default').map(({ key, value, origin }) => [key, value, origin.replace(yaml, 'values.yaml')])).toEqual([
      ['file',          JSON.stringify(yaml),            'KAPACITOR_OIDC_FILE'],
      ['provider',      '"keycloak"',                    'values.yaml:2'],
      ['jwks-endpoint', '"https://id.example.com/keys"', 'values.yaml:3'],
      ['client-id',     '["kapacitor"]',                 'KAPACITOR_OIDC_CLIENT_ID'],
      ['admins',        '["b"]',                         'values.yaml:7'],
      ['members',       '["a"]',                         'values.yaml:6'],
    ])
  })
})

describe('a user that is refused', () => {
  test.each([
    // says                              yaml of the user                        problem
    ['an id without quotes',             'id: 103547991597142817347',            '.id is a number without quotes; write it in quotes: "103547991597142817347"'],
    ['an id with a leading zero',        'id: 007',                              '.id is a number without quotes; write it in quotes: "007"'],
    ['an id in hexadecimal',             'id: 0x1f',                             '.id is a number without quotes; write it in quotes: "0x1f"'],
    ['an id that reads as yes',          'id: true',                             '.id is true or false without quotes; write it in quotes: "true"'],
    ['an id that Helm has rounded',      'id: "1.0354799159714282e+20"',         '.id: "1.0354799159714282e+20": it is a number that was rounded, as YAML and Helm do with a long one without quotes'],
    ["the chart's default",              'id: ""',                               ".id is empty, as in the default values of the Helm chart; write the user's id at the provider, or remove the user"],
    ['an id without value',              'id:',                                  ".id is empty, as in the default values of the Helm chart; write the user's id at the provider, or remove the user"],
    ['no id',                            'email: a@example.com',                 '.id is missing: the id of the user at the provider'],
    ['a list as id',                     'id: [a]',                              '.id must be a text, not a list'],
    ['a map as id',                      'id: { a: b }',                         '.id must be a text, not a map'],
    ['an alias of nothing',              'id: *a',                               '.id is an alias of nothing'],
    ['a tag',                            'id: !secret a',                        '.id must be a text, without the tag !secret'],
    ['spaces around it',                 'id: "a "',                             '.id: "a ": there are spaces around it'],
    ['a line break in it',               'id: "a\\nb"',                          '.id: "a\\nb": there is a control character in it'],
    ['groups that are a text',           'id: a\n      userGroups: Admin',       '.userGroups must be a list of Admin, Auditor, Member; without it a user is Admin'],
    ['groups that are empty',            'id: a\n      userGroups: []',          '.userGroups must be a list of Admin, Auditor, Member; without it a user is Admin'],
    ['groups without value',             'id: a\n      userGroups:',             '.userGroups must be a list of Admin, Auditor, Member; without it a user is Admin'],
    ['a group in lower case',            'id: a\n      userGroups: [admin]',     '.userGroups: "admin" is not one of Admin, Auditor, Member, did you mean "Admin"?'],
    ['an unknown group',                 'id: a\n      userGroups: [Member, x]', '.userGroups: "x" is not one of Admin, Auditor, Member'],
    ['a group that is a number',         'id: a\n      userGroups: [1]',         '.userGroups must be a list of Admin, Auditor, Member'],
    ['a misspelt key',                   'id: a\n      userGroup: [Member]',     ' has no key "userGroup", did you mean "userGroups"?'],
    ['a misspelt id',                    'Id: a',                                ' has no key "Id", did you mean "id"?'],
  ])('%s', (_says, user, problem) => {
    const found = users(`    - ${withNames(user)}\n`)
    expect(found.map((line) => line.replace(/^values\.yaml:\d+: /, ''))).toContain(`admin.users[0]${problem}`)
  })

  test('the line is that of the key', () => {
    expect(users('    - { id: a, firstName: A, lastName: B, email: C }\n    - firstName: B\n      lastName: B\n      email: B\n      id: 7\n')).toEqual(['values.yaml:8: admin.users[1].id is a number without quotes; write it in quotes: "7"'])
  })

  test('an id that is there twice: both lines are named', () => {
    const [problem, ...rest] = users('    - { id: a, firstName: A, lastName: B, email: C }\n    - { id: b, firstName: A, lastName: B, email: C }\n    - { id: a, firstName: A, lastName: B, email: C, userGroups: [Member] }\n')
    expect(problem).toMatch(/^values\.yaml:6: admin\.users\[2\]\.id: "a" is there already, at \S*values\.yaml:4$/)
    expect(rest).toEqual([])
  })

  test.each([
    ['a user that is a text',    '    - a\n',           'values.yaml:4: admin.users[0] must be a user: a map with an id'],
    ['a user that is missing',   '    -\n',             'values.yaml:3: admin.users[0] must be a user: a map with an id'],
    ['a map of users',           '    ann: { id: a, firstName: A, lastName: B, email: C }\n', 'values.yaml:3: admin.users must be a list of users'],
    ['a list within itself',     '    &u [*u]\n',       'values.yaml:4: admin.users[0] must be a user: a map with an id'],
  ])('%s', (_says, list, problem) => {
    expect(users(list)).toEqual([problem])
  })

  test('a thousand wrong users are not a thousand lines', () => {
    expect(users('    - id: 7\n'.repeat(1_000))).toHaveLength(20)
  })
})

describe('a file that is refused', () => {
  const KEYS = '  users: [{ id: a, firstName: A, lastName: B, email: C }]\n'
  test.each([
    // says                            yaml                                                     problem
    ['nothing in it',                  '',                                                      'values.yaml: there is neither admin, as in the values of the Helm chart, nor spec.package.spec.admin, as in an AppInstance'],
    ['a misspelt admin',               'admins:\n  users: []\n',                                'values.yaml: there is neither admin, as in the values of the Helm chart, nor spec.package.spec.admin, as in an AppInstance, did you mean "admin"?'],
    ['what belongs below admin',       'jwksEndpoint: x\nusers: []\n',                          'values.yaml: there is neither admin, as in the values of the Helm chart, nor spec.package.spec.admin, as in an AppInstance; jwksEndpoint and users must stand below admin'],
    ['an empty admin',                 'a: 1\nadmin:\n',                                        'values.yaml:2: admin is empty; expected identityProvider, jwksEndpoint, users'],
    ['an admin that is a list',        'admin: []\n',                                           'values.yaml:1: admin must be a map; expected identityProvider, jwksEndpoint, users'],
    ['a misspelt provider',            `${HEAD}  identityProviders: azure\n`,                   'values.yaml:3: admin has no key "identityProviders", did you mean "identityProvider"?'],
    ['a misspelt endpoint',            `admin:\n  jwksEndpoints: https://a/\n${KEYS}`,          'values.yaml:2: admin has no key "jwksEndpoints", did you mean "jwksEndpoint"?'],
    ['an endpoint with a capital',     `admin:\n  JWKSEndpoint: https://a/\n${KEYS}`,           'values.yaml:2: admin has no key "JWKSEndpoint", did you mean "jwksEndpoint"?'],
    ['a provider that is a number',    `${HEAD}  identityProvider: 1\n`,                        'values.yaml:3: admin.identityProvider is a number without quotes; write it in quotes: "1"'],
    ['an endpoint that is a list',     `admin:\n  jwksEndpoint: [https://a/]\n${KEYS}`,         'values.yaml:2: admin.jwksEndpoint must be a text, not a list'],
    ['a merge key',                    `base: &b { users: [{ id: a, firstName: A, lastName: B, email: C }] }\n${HEAD}  <<: *b\n`,    'values.yaml:4: admin: merge keys (<<) are not read here; write the keys themselves'],
    ['a key twice',                    `${HEAD}${KEYS}${KEYS}`,                                 'values.yaml:4: this key is there twice in the same map'],
    ['a key twice somewhere else',     `a:\n  b: 1\n  b: 2\n${HEAD}`,                           'values.yaml:3: this key is there twice in the same map'],
    ['a tab',                          'admin:\n\tusers: []\n',                                 'values.yaml:2: tabs are not allowed as indentation'],
    ['a bracket too few',              'a: [1\nadmin: {\n',                                     'values.yaml:2: the indentation does not fit, or a bracket is not closed before this line'],
    ['a quote too few',                'a: "1\nadmin: {}\n',                                     'values.yaml:3: a colon, comma, bracket or quote is missing'],
    ['two admins',                     `${HEAD}---\nspec: { package: { spec: { admin: {} } } }`, 'values.yaml:4: spec.package.spec.admin: there is admin already, at values.yaml:1'],
    ['two admins in one document',     `spec: { package: { spec: { admin: {} } } }\n${HEAD}`,   'values.yaml:1: spec.package.spec.admin: there is admin already, at values.yaml:2'],
    ['lists a thousand deep',          `${HEAD}a: ${'['.repeat(1_000)}`,                        'values.yaml:3: lists and maps are more than 100 deep here'],
    ['keys a million deep',            `${HEAD}a: ${'? '.repeat(400_000)}`,                     'values.yaml:3: lists and maps are more than 100 deep here'],
  ])('%s', (_says, yaml, problem) => {
    expect(refused(yaml).map((line) => line.replace(/\/\S*\//, ''))).toContain(problem)
  })

  test.each([
    ['plain http to another machine', 'http://id.example.com/keys',          'plain http could be read and changed on the network'],
    ['a password',                    'https://me:hidden@id.example.com/',   'without user name and password'],
    ['no URL',                        'id.example.com',                      'expected an https:// URL'],
  ])('an endpoint with %s', (_says, url, hint) => {
    const [problem, ...rest] = refused(`admin:\n  jwksEndpoint: ${url}\n`)
    expect(problem).toMatch(/^values\.yaml:2: \[oidc\] jwks-endpoint = /)
    expect(problem).toContain(hint)
    expect(problem).not.toContain('hidden')
    expect(rest).toEqual([])
  })

  test('nothing of a secret in it is repeated', () => {
    for (const yaml of ['internalSigningKey: "hidden\nadmin: {}', 'dsn: *hidden hidden\n', 'dsn: hidden: hidden\n', '!hidden &hidden *hidden']) {
      expect(refused(yaml).join()).not.toContain('hidden')
    }
  })

  test('more than a mebibyte, no text, no file, a directory', () => {
    const named = (path: string) => problems(() => load({ env: { KAPACITOR_OIDC_FILE: path } })).map((line) => line.replace(/"\/\S*"|values\.yaml"/, 'FILE'))
    expect(named(file('values.yaml', `${HEAD}# ${'x'.repeat(1024 * 1024)}`))).toEqual(['KAPACITOR_OIDC_FILE: [oidc] file = FILE: it is larger than 1 MiB'])
    expect(named(file('values.yaml', new Uint8Array([0xff, 0xfe])))).toEqual(['KAPACITOR_OIDC_FILE: [oidc] file = FILE: it is not UTF-8 text'])
    expect(named('/nonexistent/values.yaml')).toEqual(['KAPACITOR_OIDC_FILE: [oidc] file = FILE: there is no such file'])
    expect(named('/tmp')).toEqual(['KAPACITOR_OIDC_FILE: [oidc] file = FILE: it is a directory'])
  })

  test('a map of sixty thousand keys is read in the time of a file', () => {
    const yaml = `${HEAD}  users: [{ id: a, firstName: A, lastName: B, email: C }]\n${Array.from({ length: 60_000 }, (_, i) => `a${i}: 1\n`).join('')}`
    expect(loadYaml(yaml).oidc.admins).toEqual(['a'])
  })
})

test.each([
  // says            yaml                                            keys                                      expected, after the place of the key
  ['provider',       `${HEAD}  identityProvider: a\n`,               'provider = "a"',                         '[oidc] provider: the name of the provider must not be given here and in the file, too (values.yaml:3)'],
  ['endpoint',       HEAD,                                           'jwks-endpoint = "https://id.example.com/keys"', "[oidc] jwks-endpoint: the provider's keys must not be given here and in the file, too (values.yaml:2)"],
  ['admins',         `${HEAD}  users: [{ id: a, firstName: A, lastName: B, email: C }]\n`,                'admins = "b"',                           '[oidc] admins: the users must not be given here and in the file, too (values.yaml:3)'],
  ['members',        `${HEAD}  users: [{ id: a, firstName: A, lastName: B, email: C }]\n`,                'members = ["b"]',                        '[oidc] members: the users must not be given here and in the file, too (values.yaml:3)'],
])('both places are named when file and keys give it: %s', (_says, yaml, keys, expected) => {
  const path = file('values.yaml', yaml)
  expect(problems(() => loadToml(`[oidc]\nfile = ${JSON.stringify(path)}\nclient-id = "x"\n${keys}\n`))).toEqual([`kapacitor.conf:4: ${expected}`])
})

test('the file may give the provider, and keys the users; or the other way round', () => {
  expect(loadYaml(HEAD, { ...CLIENT, KAPACITOR_OIDC_ADMINS: 'a,b' }).oidc.admins).toEqual(['a', 'b'])
  const { oidc } = loadYaml('admin: { users: [{ id: a, firstName: A, lastName: B, email: C }] }', { ...CLIENT, KAPACITOR_OIDC_JWKS_ENDPOINT: 'https://id.example.com/keys' })
  expect(oidc.admins).toEqual(['a'])
})
