import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AuditedChange, auditChanges, type ChangeSource } from '../../src/middleware/audit-changes.js'

const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+\n$/u
const written: string[] = []
const write = auditChanges((line) => written.push(line), { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) })

function lineOf(source: ChangeSource, change: Partial<AuditedChange>): string {
  written.length = 0
  write(source, { outcome: 'made', change: 'create', subject: 'user', ...change })
  expect(written).toHaveLength(1)
  return written[0] ?? ''
}

const asked = { req: { rawHeaders: ['X-Forwarded-For', '198.51.100.9'], socket: { remoteAddress: '::ffff:203.0.113.5' } }, state: { requestId: 'id-1' } }

describe('B1: the line of a change', () => {
  test('by a request', () => {
    const change = { change: 'add-permissions', name: 'johndoe', before: { permissions: {} }, after: { permissions: { '': ['KapacitorAPI'] } } }
    expect(lineOf({ asked, door: 'meta', via: 'verified', user: 'admin' }, change)).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","event":"change","outcome":"made","client":"203.0.113.5","requestId":"id-1","door":"meta","via":"verified","user":"admin",'
      + '"change":"add-permissions","subject":"user","name":"johndoe","before":{"permissions":{}},"after":{"permissions":{"":["KapacitorAPI"]}}}\n',
    )
  })

  test('that was refused', () => {
    expect(lineOf({ asked, door: 'influxdb', via: 'remembered', user: 'ann' }, { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', change: 'delete', name: 'root' })).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","event":"change","outcome":"refused","code":"ERR_PRIVILEGE_MISSING","client":"203.0.113.5","requestId":"id-1","door":"influxdb","via":"remembered","user":"ann","change":"delete","subject":"user","name":"root"}\n',
    )
  })

  test('by a command on this machine, of the whole registry', () => {
    expect(lineOf({ via: 'command', command: 'meta restore' }, { change: 'restore', subject: 'registry', before: { users: 2, roles: 1 }, after: { users: 3, roles: 0 } })).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","event":"change","outcome":"made","via":"command","command":"meta restore","change":"restore","subject":"registry","before":{"users":2,"roles":1},"after":{"users":3,"roles":0}}\n',
    )
  })
})

describe('what anybody can choose', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('\n', '","client":"192.0.2.1', '\u202e', '\x1b[2J', '\u2028', '__proto__', '\ud800'))

  test('stays one line of printable text behind what nobody can, and is read back as it was', () => {
    fc.assert(fc.property(text, text, text, (user, name, scope) => {
      const line = lineOf({ asked, door: 'meta', via: 'verified', user }, { name, users: [name], after: { permissions: Object.fromEntries([[scope, ['ReadData']]]) } })
      expect(line).toMatch(PRINTABLE)
      expect(line.startsWith('{"time":"2026-01-02T03:04:05.678Z","event":"change","outcome":"made","client":"203.0.113.5",')).toBe(true)
      const read = JSON.parse(line)
      expect([read.user ?? '', read.name, read.users, Object.keys(read.after.permissions)]).toEqual([user, name, [name], [scope]])
    }), { numRuns: 2_000 })
  })

  test('is cut, however many and long they are', () => {
    const many = (length: number) => Array.from({ length }, (_, i) => `${i}`.padEnd(10_000, 'x'))
    const after = { permissions: Object.fromEntries(many(10_000).map((scope) => [scope, ['ReadData']])) }
    const line = lineOf({ asked, via: 'verified', user: 'u'.repeat(10_000) }, { name: 'n'.repeat(10_000), users: many(1_000), after })
    expect(line.length).toBeLessThan(40_000)
    const read = JSON.parse(line)
    expect([read.name, read.users.length, read.users.at(-1)]).toEqual([`${'n'.repeat(256)}…`, 51, '… and 950 more'])
    expect([Object.keys(read.after.permissions).length, read.after.permissions['…']]).toEqual([51, '9950 more'])
  })
})
