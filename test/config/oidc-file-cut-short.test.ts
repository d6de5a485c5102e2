import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readOidcYaml } from '../../src/config/oidc/read-oidc-yaml.js'
import { rereadOidcFile } from '../../src/config/oidc/reread-oidc-file.js'
import { file, load, problems } from './support.js'

const HEAD = 'admin:\n  jwksEndpoint: https://id.example.com/keys\n'
const user = (id: string, more = '') => `    - id: ${id}\n      firstName: A\n      lastName: B\n      email: a@example.com\n${more}`
const group = (name: string) => `      userGroups: [${name}]\n`
const WHOLE = `${HEAD}  users:\n${user('boss', group('Admin'))}${user('mem2', group('Member'))}`

const env = (path: string) => ({ KAPACITOR_OIDC_FILE: path, KAPACITOR_OIDC_CLIENT_ID: 'kapacitor' })
const loadYaml = (yaml: string) => load({ env: env(file('values.yaml', yaml)) })
const refused = (yaml: string) => problems(() => loadYaml(yaml))
const ALL = 'firstName and lastName and email are missing, which every user must have; the file may be cut short'

describe('a file that is cut short is refused at a start', () => {
  test.each([
    // cut behind                yaml                                                 problem
    ['the id',                   WHOLE.replace(/mem2[\s\S]*/, 'mem2\n'),                 `values.yaml:9: admin.users[1]: ${ALL}`],
    ['half of the id',           WHOLE.replace(/mem2[\s\S]*/, 'mem'),                    `values.yaml:9: admin.users[1]: ${ALL}`],
    ['firstName',                `${HEAD}  users:\n    - id: a\n      firstName: A\n`, 'values.yaml:4: admin.users[0]: lastName and email are missing, which every user must have; the file may be cut short'],
    ['email, without its value', user('a').replace(/^/, `${HEAD}  users:\n`).replace('email: a@example.com\n', 'email:'), 'values.yaml:4: admin.users[0]: email is missing, which every user must have; the file may be cut short'],
    ['email',                    WHOLE.replace(/ *userGroups: \[Member\]\n/, ''),     'values.yaml:9: admin.users[1].userGroups is missing for "mem2": once one user has it (values.yaml:4), all must, since without it a user is Admin; the file may be cut short'],
    ['users:',                   `${HEAD}  users:`,                                   'values.yaml:3: admin.users is empty; write users: [] if nobody is meant; the file may be cut short'],
  ])('%s', (_behind, yaml, problem) => {
    expect(refused(yaml).map((each) => each.replace(/\(\S*\/values/, '(values'))).toEqual([problem])
  })

  test('all of it, users without userGroups only, and nobody are accepted', () => {
    expect(loadYaml(WHOLE).oidc).toMatchObject({ admins: ['boss'], members: ['mem2'] })
    expect(loadYaml(`${HEAD}  users:\n${user('a')}${user('b')}`).oidc.admins).toEqual(['a', 'b'])
    expect(loadYaml(`${HEAD}  users: []\n`).oidc.admins).toEqual([])
  })
})

describe('at a reload nobody becomes an administrator by an omission', () => {
  function world(groupBefore: string) {
    const path = file('values.yaml', `${HEAD}  users:\n${user('mem', group(groupBefore))}`)
    return { config: load({ env: env(path) }), write: (yaml: string) => writeFileSync(path, yaml) }
  }

  test.each(['Member', 'Auditor'])('a %s', (before) => {
    const { config, write } = world(before)
    write(`${HEAD}  users:\n${user('mem')}`)
    expect(problems(() => rereadOidcFile(config))).toEqual([
      `values.yaml:4: "mem" is ${before} now, and without userGroups would become Admin: write userGroups: [${before}] or userGroups: [Admin]; the file may be cut short`,
    ])
  })

  test('who is called Admin, or was Admin, or was nobody, is', () => {
    const { config, write } = world('Member')
    write(`${HEAD}  users:\n${user('mem', group('Admin'))}`)
    expect(rereadOidcFile(config).oidc.admins).toEqual(['mem'])
    write(`${HEAD}  users:\n${user('new')}`)
    expect(rereadOidcFile(config).oidc.admins).toEqual(['new'])
    const boss = world('Admin')
    boss.write(`${HEAD}  users:\n${user('mem')}`)
    expect(rereadOidcFile(boss.config).oidc.admins).toEqual(['mem'])
  })
})

describe('wherever a file ends, it says nothing that the whole one does not say', () => {
  const NAMES = 'firstName: A\n      lastName: B\n      email: a@example.com'
  const LAST = `admin:\n  identityProvider: azure\n  jwksEndpoint: https://id.example.com/keys\n  users:\n    - ${NAMES}\n      id: boss\n    - ${NAMES}\n      id: longer-id`
  const FLOW = 'firstName: A, lastName: B, email: C'
  /** What it gives, by key; undefined if it is refused. */
  function settingsOf(yaml: string) {
    const { settings, problems } = readOidcYaml(yaml, 'values.yaml')
    return problems.length > 0 ? undefined : new Map(settings.map(({ name, value }) => [name, value]))
  }

  test.each([
    // says                               yaml
    ['the id is the last field',          LAST],
    ['with a line break at the end',      `${LAST}\n`],
    ['with Windows line breaks',          `${LAST}\n`.replaceAll('\n', '\r\n')],
    ['spaces after the id',               `${LAST}   `],
    ['the id as a block',                 LAST.replaceAll(/id: (\S+)/g, 'id: |-\n        $1')],
    ['the id as an alias',                `a: &longer x\nb: &longer-id y\n${LAST.replace('id: longer-id', 'id: *longer-id')}`],
    ['ids in quotes',                     LAST.replaceAll(/id: (\S+)/g, 'id: "$1"')],
    ['ids with an apostrophe',            LAST.replaceAll(/id: (\S)(\S+)/g, "id: '$1''$2'")],
    ['ids with a quotation mark',         LAST.replaceAll(/id: (\S)(\S+)/g, 'id: "$1\\\\\\"$2"')],
    ['an apostrophe in the URL',          `admin:\n  users: []\n  jwksEndpoint: 'https://id.example.com/keys?a=''b'''`],
    ['a user as an alias',                `a: &u {${FLOW}, id: x}\nb: &user {${FLOW}, id: y}\n${HEAD}  users:\n    - *user`],
    ['the users as an alias',             `a: &u [{${FLOW}, id: x}]\nb: &users [{${FLOW}, id: y}]\n${HEAD}  users: *users`],
    ['JSON',                              '{"admin": {"identityProvider": "azure", "jwksEndpoint": "https://id.example.com/keys", "users": [{"firstName": "A", "lastName": "B", "email": "C", "id": "longer-id"}]}}'],
    ['the URL is the last field',         `admin:\n  users:\n    - id: a\n      ${NAMES}\n  identityProvider: azure\n  jwksEndpoint: https://id.example.com/keys`],
    ['the provider is the last field',    `admin:\n  users:\n    - id: a\n      ${NAMES}\n  jwksEndpoint: https://id.example.com/keys\n  identityProvider: azure`],
    ['groups',                            `${HEAD}  users:\n${user('boss', group('Admin'))}${user('mem2', '      userGroups:\n        - Auditor\n        - Member')}`],
  ])('%s', (_says, yaml) => {
    const whole = settingsOf(`${yaml}\n`)
    expect(whole).toBeDefined()
    for (let length = 1; length <= yaml.length; length++) {
      for (const [name, value] of settingsOf(yaml.slice(0, length)) ?? []) {
        const allowed: unknown[] = [whole?.get(name)].flat()
        expect([length, name, [value].flat().filter((each: unknown) => !allowed.includes(each))]).toEqual([length, name, []])
      }
    }
  })

  test.each([
    // says                            yaml                                                                                     problem
    ['an id',                          LAST,                                                                                    'values.yaml:12: admin.users[1].id ends where the file ends, which may be cut short; end the file with a line break'],
    ['an id in single quotes',         LAST.replace('longer-id', "'o''brien'"),                                                 'values.yaml:12: admin.users[1].id ends where the file ends, which may be cut short; end the file with a line break'],
    ['half of an id in single quotes', LAST.replace('longer-id', "'o'"),                                                        'values.yaml:12: admin.users[1].id ends where the file ends, which may be cut short; end the file with a line break'],
    ['half an alias of groups',        `a: &g [Admin]\nb: &group [Member]\n${LAST}\n      userGroups: *g`,                      'values.yaml:15: this alias ends where the file ends, which may be cut short; end the file with a line break'],
    ['half an alias of one group',     `a: &g Admin\nb: &group Member\n${LAST}\n      userGroups:\n        - *g`,               'values.yaml:16: this alias ends where the file ends, which may be cut short; end the file with a line break'],
    ['a URL',                          `admin:\n  users: []\n  jwksEndpoint: https://id.example.com/keys`,                      'values.yaml:3: admin.jwksEndpoint ends where the file ends, which may be cut short; end the file with a line break'],
  ])('what is said of %s', (_says, yaml, problem) => {
    expect(refused(yaml)).toEqual([problem])
  })

  test.each([
    // says                                              yaml
    ['an editor that writes no line break, email last',  `${HEAD}  users:\n${user('a')}`.trimEnd()],
    ['groups last',                                      WHOLE.trimEnd()],
    ['the id last, and a comment',                       `${LAST.replace('longer-id', 'a')} # the end`],
    ['the id last, in quotes',                           LAST.replace('longer-id', '"a"')],
    ['the id last, with a line break',                   `${LAST}\n`],
  ])('ordinary files are accepted: %s', (_says, yaml) => {
    expect(loadYaml(yaml).oidc.jwksEndpoint).toBe('https://id.example.com/keys')
  })

  test('at a reload, too', () => {
    const path = file('values.yaml', `${LAST}\n`)
    const config = load({ env: env(path) })
    expect(config.oidc.admins).toEqual(['boss', 'longer-id'])
    writeFileSync(path, LAST.slice(0, -3))
    expect(problems(() => rereadOidcFile(config))).toEqual(['values.yaml:12: admin.users[1].id ends where the file ends, which may be cut short; end the file with a line break'])
  })
})
