import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalPath } from '../../src/authz/canonical-path.js'

/** The bytes of a text as Node hands them over in a request target. */
const raw = (text: string) => Buffer.from(text).toString('latin1')

describe('a path that reads the same to everybody is decoded once', () => {
  test.each([
    // says                                target                             path
    ['a plain one',                        '/kapacitor/v1/tasks',             '/kapacitor/v1/tasks'],
    ['a last slash is kept',               '/kapacitor/v1/tasks/',            '/kapacitor/v1/tasks/'],
    ['the root',                           '/',                               '/'],
    ['without its query',                  '/tasks?a=1',                      '/tasks'],
    ['an empty query',                     '/tasks?',                         '/tasks'],
    ['dots in the query do not count',     '/tasks?a=/../config',             '/tasks'],
    ['the query starts at the first ?',    '/tasks?x=/ping?y',                '/tasks'],
    ['escaped letters',                    '/kapacitor/v1/%74asks',           '/kapacitor/v1/tasks'],
    ['an escaped rule',                    '/kapacitor/v1/%63onfi%67',        '/kapacitor/v1/config'],
    ['an escaped base path',               '/%6bapacitor/v%31/config',        '/kapacitor/v1/config'],
    ['escapes in either case',             '/%6B%6b',                         '/kk'],
    ['decoded once, not twice',            '/%252e%252e',                     '/%2e%2e'],
    ['a slash escaped twice is a name',    '/tasks/a%252F..%252Fb',           '/tasks/a%2F..%2Fb'],
    ['an escaped ? is part of the name',   '/tasks%3Fx',                      '/tasks?x'],
    ['an escaped # too',                   '/tasks%23x',                      '/tasks#x'],
    ['a space',                            '/tasks%20',                       '/tasks '],
    ['a plus is a plus',                   '/a+b',                            '/a+b'],
    ['a parameter belongs to the name',    '/tasks;x=1',                      '/tasks;x=1'],
    ['dots inside a name',                 '/a..b/c.',                        '/a..b/c.'],
    ['three dots',                         '/a/...',                          '/a/...'],
    ['a hidden file',                      '/.well-known/x',                  '/.well-known/x'],
    ['a colon',                            '/kapacitor/v1/:routes',           '/kapacitor/v1/:routes'],
    ['markup',                             '/tasks/%22%3Cb%3E%26',            '/tasks/"<b>&'],
    ['escaped UTF-8',                      '/jos%C3%A9',                      '/josé'],
    ['UTF-8 as it stands',                 raw('/josé'),                      '/josé'],
    ['half escaped UTF-8',                 '/jos%C3\xA9',                     '/josé'],
    ['beyond the first plane',             '/%F0%9F%94%91',                   '/🔑'],
    ['a byte order mark is kept',          '/%EF%BB%BFtasks',                 '/\uFEFFtasks'],
    ['no normalisation',                   '/e%CC%81',                        '/e\u0301'],
    ['case is kept',                       '/KAPACITOR/v1/Tasks',             '/KAPACITOR/v1/Tasks'],
    ['C4: a backslash in an event’s ID',   '/kapacitor/v1/alerts/topics/disk/events/C%3A%5C',       '/kapacitor/v1/alerts/topics/disk/events/C:\\'],
    ['of v1preview, in lower case',        '/kapacitor/v1preview/alerts/topics/d/events/%5c%5ca',   '/kapacitor/v1preview/alerts/topics/d/events/\\\\a'],
    ['a wide slash is another',            '/a%EF%BC%8F..%EF%BC%8Fb',         '/a／..／b'],
  ])('%s', (_says, target, path) => {
    expect(canonicalPath(target)).toBe(path)
  })
})

describe('what two readers could read differently is refused', () => {
  test.each([
    // says                                  target
    ['nothing',                              ''],
    ['only a query',                         '?u=ann'],
    ['the whole server',                     '*'],
    ['no first slash',                       'kapacitor/v1/tasks'],
    ['absolute form',                        'http://other/kapacitor/v1/tasks'],
    ['absolute form, escaped',               'http:%2F%2Fother/tasks'],
    ['authority form',                       '127.0.0.1:80'],
    ['user information',                     '@other/tasks'],
    ['another host',                         '//other/tasks'],
    ['an empty segment',                     '/kapacitor/v1//tasks'],
    ['an empty segment at the end',          '/kapacitor/v1/tasks//'],
    ['nothing but slashes',                  '//'],
    ['three slashes',                        '///'],
    ['one dot',                              '/kapacitor/v1/./tasks'],
    ['one dot at the end',                   '/tasks/.'],
    ['nothing but a dot',                    '/.'],
    ['two dots',                             '/kapacitor/v1/tasks/../config'],
    ['two dots at the end',                  '/tasks/..'],
    ['two dots and a slash at the end',      '/tasks/../'],
    ['two dots at the start',                '/../etc'],
    ['escaped dots',                         '/tasks/%2e%2e/config'],
    ['one dot escaped',                      '/tasks/%2E./config'],
    ['the other dot escaped',                '/tasks/.%2e/config'],
    ['a single escaped dot',                 '/tasks/%2e/config'],
    ['an escaped slash',                     '/tasks%2Fx'],
    ['in lower case',                        '/tasks%2fx'],
    ['with dots around',                     '/tasks%2F..%2Fconfig'],
    ['at the end',                           '/tasks%2F'],
    ['a backslash',                          '/kapacitor/v1\\config'],
    ['an escaped backslash',                 '/tasks%5Cx'],
    ['in lower case',                        '/%5cother/x'],
    ['backslashes and dots',                 '/tasks\\..\\config'],
    ['C4: one in an event’s ID, not escaped', '/kapacitor/v1/alerts/topics/disk/events/C:\\'],
    ['one escaped, one not',                 '/kapacitor/v1/alerts/topics/disk/events/C%5C\\'],
    ['one in a topic',                       '/kapacitor/v1/alerts/topics/a%5Cb/events/c'],
    ['one in a topic and in an event',       '/kapacitor/v1/alerts/topics/a%5Cb/events/c%5Cd'],
    ['one in a handler',                     '/kapacitor/v1/alerts/topics/a/handlers/b%5Cc'],
    ['one in a task',                        '/kapacitor/v1/tasks/C%5C'],
    ['one behind the ID',                    '/kapacitor/v1/alerts/topics/a/events/b%5C/c'],
    ['one in an event of nowhere',           '/alerts/topics/a/events/b%5C'],
    ['dots and an escaped slash beside it',  '/kapacitor/v1/alerts/topics/a/events/..%5C..%2Fb'],
    ['a segment of dots beside it',          '/kapacitor/v1/alerts/topics/../events/b%5C'],
    ['dots beside it',                       '/kapacitor/v1/alerts/topics/a/events/..%5C..%5Cb'],
    ['dots behind it',                       '/kapacitor/v1/alerts/topics/a/events/b%5C..'],
    ['a dot between two',                    '/kapacitor/v1/alerts/topics/a/events/b%5C%2e%5Cc'],
    ['NUL beside it',                        '/kapacitor/v1/alerts/topics/a/events/b%5C%00'],
    ['a fragment',                           '/tasks#x'],
    ['an empty fragment',                    '/tasks#'],
    ['a fragment in the query',              '/tasks?a=1#/config'],
    ['a fragment before the query',          '/ping#?x'],
    ['NUL',                                  '/tasks%00'],
    ['NUL before an extension',              '/config%00.png'],
    ['NUL as it stands',                     '/tasks\0'],
    ['a line feed',                          '/tasks%0a'],
    ['a carriage return',                    '/tasks%0D%0AX: y'],
    ['a tab',                                '/tasks%09'],
    ['a tab as it stands',                   '/ta\tsks'],
    ['escape',                               '/%1b[2J'],
    ['delete',                               '/tasks%7f'],
    ['a C1 control character',               '/tasks%C2%85'],
    ['an escape that breaks off',            '/tasks%'],
    ['after one digit',                      '/tasks%2'],
    ['an escape without digits',             '/%zz'],
    ['with one digit',                       '/%2g'],
    ['with a sign',                          '/%+1'],
    ['with a space',                         '/% 1'],
    ['a JavaScript escape',                  '/%u0063onfig'],
    ['bytes that are not UTF-8',             '/%FF'],
    ['latin-1',                              '/jos%E9'],
    ['latin-1 as it stands',                 '/jos\xE9'],
    ['an overlong slash',                    '/tasks%C0%AFconfig'],
    ['an overlong dot',                      '/tasks/%C0%AE%C0%AE/config'],
    ['half of a surrogate pair',             '/%ED%A0%80'],
    ['UTF-8 that breaks off',                '/%C3'],
    ['characters beyond bytes',              '/ｃonfig'],
    ['a letter that truncates to another',   '/\u0163onfig'],
  ])('%s', (_says, target) => {
    expect(canonicalPath(target)).toBeUndefined()
  })
})

describe('for any bytes', () => {
  const unit = fc.constantFrom('/', '/', '.', '%', '2', 'e', 'E', 'f', 'F', '5', 'c', '0', '\\', 'a', ';', '?', '#', ' ', '\x7f', '\xC3', '\xA9', '\xFF')
  const piece = fc.constantFrom('/', '%2e', '%2E', '..', '.', '%252F', '%25', '%5c', '%C3%A9', '%00', 'tasks', '%74', '~', '"', '|', ':', '@')
  const target = fc.oneof(
    fc.string({ unit }),
    fc.string({ unit }).map((text) => `/${text}`),
    fc.array(piece).map((pieces) => `/${pieces.join('')}`),
    fc.uint8Array().map((bytes) => `/${Buffer.from(bytes).toString('latin1')}`),
  )
  const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/')

  test('an accepted path has nothing in it to resolve', () => {
    fc.assert(fc.property(target, (text) => {
      const path = canonicalPath(text)
      if (path === undefined) return
      expect(path).toMatch(/^\//)
      for (const segment of path.slice(1).replace(/\/$/, '').split('/')) {
        if (path !== '/') expect(['', '.', '..']).not.toContain(segment)
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(path).not.toMatch(/[\0-\x1f\x7f-\x9f\\\uFFFD]/)
    }), { numRuns: 5_000 })
  })

  test('what is judged can be forwarded: encoded again, it reads the same', () => {
    fc.assert(fc.property(target, (text) => {
      const path = canonicalPath(text)
      if (path !== undefined) expect(canonicalPath(encode(path))).toBe(path)
    }), { numRuns: 5_000 })
  })

  test('a browser reads an accepted path in the same way', () => {
    fc.assert(fc.property(target, (text) => {
      const path = canonicalPath(text)
      if (path === undefined || /[\x80-\xff]/.test(text)) return // URL takes characters, not bytes
      expect(decodeURIComponent(new URL(`http://host${text}${text.includes('?') ? '' : '?'}`).pathname)).toBe(path)
    }), { numRuns: 5_000 })
  })

  test('the short way for plain paths answers as the long one does', () => {
    const plain = fc.array(fc.constantFrom('/', '.', '..', 'a', '-', '~', ';', '*', ':')).map((p) => `/${p.join('')}`)
    fc.assert(fc.property(plain, (text) => {
      // An escaped letter at the start forces the long way
      const long = canonicalPath(`/%61${text}`)
      expect(canonicalPath(`/a${text}`)).toBe(long)
    }), { numRuns: 2_000 })
  })

  test('a long path takes no longer than its length', () => {
    const long = '/'.concat('a.'.repeat(50_000))
    expect(canonicalPath(`${long}%`)).toBeUndefined()
    expect(canonicalPath(`${'/a'.repeat(50_000)}//`)).toBeUndefined()
    expect(canonicalPath(long)).toBe(long)
  })
})
