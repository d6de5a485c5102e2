import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
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
