import { describe, expect, test } from 'vitest'
import { canonicalPath } from '../../src/authz/canonical-path.js'
import { forwardedTarget } from '../../src/gateway/request/forwarded-target.js'

const forwarded = (target: string) => forwardedTarget(target, canonicalPath(target) as string)

test.each([
  // says                                      target                              forwarded
  ['a plain target',                           '/kapacitor/v1/tasks?limit=1',      '/kapacitor/v1/tasks?limit=1'],
  ['escaped letters are written plainly',      '/%6Bapacitor/v1/%74asks',          '/kapacitor/v1/tasks'],
  ['raw bytes of UTF-8 are escaped',           '/jos\xC3\xA9',                     '/jos%C3%A9'],
  ['lower-case escapes in upper case',         '/jos%c3%a9',                       '/jos%C3%A9'],
  ['an escaped question mark stays escaped',   '/a%3Fu=ann?b=1',                   '/a%3Fu=ann?b=1'],
  ['an escaped hash stays escaped',            '/a%23b',                           '/a%23b'],
  ['an escaped percent sign stays escaped',    '/a%252e',                          '/a%252e'],
  ['C4: a backslash in an event’s ID',         '/kapacitor/v1/alerts/topics/d/events/C%3A%5c?x=1', '/kapacitor/v1/alerts/topics/d/events/C:%5C?x=1'],
  ['a last slash is kept',                     '/tasks/?a=1',                      '/tasks/?a=1'],
  ['the query is left as it is',               '/a?b=%6b&c=%zz&d=[1]&e=\xFF&f=/?', '/a?b=%6b&c=%zz&d=[1]&e=\xFF&f=/?'],
  ['an empty query too',                       '/a?',                              '/a?'],
  ['credentials go',                           '/write?db=a&u=ann&p=pw',           '/write?db=a'],
  ['and with the last of them the mark',       '/ping?u=ann&p=pw',                 '/ping'],
])('%s', (_says, target, expected) => {
  expect(forwarded(target)).toBe(expected)
})

describe('refused', () => {
  test.each([
    // says                                      target
    ['a credential that not everybody reads',    '/a?b=1;u=ann'],
    ['a name that cannot be read',               '/a?%zz=1'],
    ['a space in the query',                     '/a?b=1 HTTP/1.1'],
    ['a line break in it',                       '/a?b=1\r\nX: y'],
    ['NUL in it',                                '/a?b=\0'],
    ['delete in it',                             '/a?b=\x7f'],
    ['a character that is not a byte',           '/a?b=\u0161'],
  ])('%s', (_says, target) => {
    expect(forwarded(target)).toBeUndefined()
  })
})
