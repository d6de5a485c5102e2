import { describe, expect, test } from 'vitest'
import { check } from '../../src/config/kinds/kind.js'
import { wrongValue } from '../../src/config/problem.js'
import { ALL_SECTION_NAMES, eachKey, FILE_SUFFIX } from '../../src/config/sections/sections.js'
import { file, load, problems } from './support.js'

const TEXTS = ['\0', 'a\0b', `${'long enough '.repeat(4)}\0`, 'x', ' ', ':', '::', 'a:b:c', '-', '-1', '1.5', '99999999999999999999', '1d', '5', ['$', '{X}'].join(''), '$X', 'http://', 'ftp://a', '/\u0007', ',', ',,', 'é', '\ud800', '[', '*', '\u202e', 'x'.repeat(300)]
const VALUES = [...TEXTS, '', 0, -1, 1.5, Number.NaN, true, false, [], [''], [1], ['a', '\0'], {}, { a: 1 }, { '': [''] }, new Date(0), null, 10n]
const keys = [...eachKey(ALL_SECTION_NAMES)]

describe('what is wrong with a value is said in whole words, for every key', () => {
  test.each(keys.map(({ id, ...rest }) => [id, { id, ...rest }] as const))('%s', (_id, { section, name, key }) => {
    const given = [...VALUES.map((value) => [value, false] as const), ...TEXTS.map((value) => [value, true] as const)]
    const refused = given.flatMap(([value, isText]) => {
      const checked = check(key.kind, value, isText)
      return checked.ok ? [] : [{ hint: checked.hint, line: wrongValue({ section, name, value, isText, where: 'kapacitor.conf:2' }, key, checked.hint) }]
    })
    expect(refused.length).toBeGreaterThan(0)
    for (const { hint, line } of refused) {
      expect(line).toMatch(/^kapacitor\.conf:2: \S.* = \S.*; expected \S/)
      expect(line).not.toMatch(/\(\s*\)|:\s*;|undefined|null|\[object/)
      if (key.kind.isSecret) expect(hint).not.toBe('') // the message does not show the value
    }
  })
})

test.each(keys.filter(({ key }) => key.kind.isSecret).map(({ id }) => id))('%s from a file', (id) => {
  const refused = [...TEXTS, '', '\n', 'x\n\n'].flatMap((text) => linesOf(() => load({ overrides: { [`${id}${FILE_SUFFIX}`]: file('secret', text) } })))
  const ofFile = refused.filter((line) => line.includes(`${FILE_SUFFIX} = `))
  expect(ofFile.length).toBeGreaterThan(0)
  for (const line of ofFile) expect(line).toMatch(/-file = "?secret"?: [^;:\s][^;]*(?:; expected \S.*)?$/)
})

const linesOf = (attempt: () => unknown) => {
  try {
    attempt()
    return []
  } catch {
    return problems(attempt)
  }
}
