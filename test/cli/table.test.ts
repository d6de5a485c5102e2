import { describe, expect, test } from 'vitest'
import type { Permissions } from '../../src/authz/permission.js'
import { renderTable } from '../../src/cli/terminal/table.js'
import { renderRoles } from '../../src/cli/users/role-view.js'
import { renderUsers, userViews } from '../../src/cli/users/user-view.js'
import { textWidth } from '../../src/text/text-width.js'

test.each([
  // text              columns
  ['',                 0],
  ['ann',              3],
  ['zoé',              3],
  ['zoe\u0301',        3],
  ['王小明',            6],
  ['ｱｲｳ',              3],
  ['アイウ',            6],
  ['ＡＢ',              4],
  ['한국',              4],
  ['👩‍🚀!',            3],
  ['❤️',               2],
  ['é😀\u200b',        3],
  ['1#*',              3],
])('%s takes %i columns', (text, columns) => {
  expect(textWidth(text)).toBe(columns)
})

test('columns are aligned, whatever is in them', () => {
  const rows = [['王小明', 'a'], ['evil\u001b[2J\u202e', ['b,', 'c']], ['', 'd']]
  expect(renderTable(['NAME', 'X'], rows)).toBe(`NAME                 X
王小明               a
evil\\u001b[2J\\u202e  b, c
                     d
`)
})

const grants = (scopes: Record<string, string[]>) => new Map(Object.entries(scopes).map(([scope, names]) => [scope, new Set(names)])) as unknown as Permissions
const PEOPLE = userViews(
  [
    { name: 'johndoe', hash: 'x', permissions: grants({ '': ['KapacitorAPI', 'KapacitorConfigAPI'], telegraf: ['ReadData', 'WriteData'] }) },
    { name: 'ann', hash: 'x', permissions: grants({ 'my db': ['ReadData'], __proto__: [] }) },
  ],
  [
    { name: 'ops', permissions: grants({ '': ['Monitor'] }), users: ['johndoe', 'johndoe'] },
    { name: 'one, two', permissions: grants({}), users: ['johndoe', 'gone'] },
  ],
)

describe('users', () => {
  test('on one line each, where there is no limit', () => {
    expect(renderUsers(PEOPLE)).toBe(`USER     ADMIN  ROLES            PERMISSIONS
ann                              ReadData on "my db"
johndoe         ops, "one, two"  KapacitorAPI, KapacitorConfigAPI; ReadData, WriteData on telegraf
`)
  })

  test.each([60, 80])('no wider than %i columns', (width) => {
    const text = renderUsers(PEOPLE, { width })
    expect(Math.max(...text.split('\n').map(textWidth))).toBeLessThanOrEqual(width)
    expect(text).toMatchSnapshot()
  })

  test('a terminal that is too narrow gets what cannot be broken', () => {
    expect(renderUsers(PEOPLE, { width: 10 })).toContain('\njohndoe')
  })
})

test('a role with many members names some of them', () => {
  const users = Array.from({ length: 25 }, (_, i) => `u${i}`)
  expect(renderRoles([{ name: 'all', permissions: new Map(), users }])).toContain(' u19, and 5 more\n')
})

test('a million cells are laid out without a detour', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [`user-${i}`, '', ['ops,', 'dev'], ['KapacitorAPI']])
  expect(renderTable(['A', 'B', 'C', 'D'], rows, { width: 40 }).length).toBeGreaterThan(1e6)
})
