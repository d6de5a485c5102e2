import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/log/pino-logger.js'

const CLOCK = /^\d\d:\d\d:\d\d\.\d{3} /

function written(log: (logger: ReturnType<typeof createLogger>) => void, coloured = false): string {
  let text = ''
  log(createLogger({ write: (line) => { text += line } }, { readable: true, coloured }))
  return text
}

/** What is written behind the time. */
const line = (fields: object, message = 'text') => {
  const text = written((logger) => logger.info(fields, message))
  expect(text).toMatch(CLOCK)
  return text.replace(CLOCK, '')
}

describe('a line for people', () => {
  test.each<[string, object, string, string]>([
    // says                     fields                                      message      line
    ['a message',               {},                                         'started',   'INFO  started\n'],
    ['fields',                  { status: 200, path: '/a/b', ok: true },    'request',   'INFO  request status=200 path=/a/b ok=true\n'],
    ['text with spaces',        { reason: 'none was sent' },                'refused',   'INFO  refused reason="none was sent"\n'],
    ['quotation marks',         { name: 'a"b' },                            'x',         'INFO  x name="a\\"b"\n'],
    ['an empty text',           { name: '' },                               'x',         'INFO  x name=""\n'],
    ['what is not there',       { name: undefined, n: null },               'x',         'INFO  x n=null\n'],
    ['a list and an object',    { list: ['a', 'b'], o: { p: 1 } },          'x',         'INFO  x list=["a","b"] o={"p":1}\n'],
  ])('%s', (_says, fields, message, expected) => {
    expect(line(fields, message)).toBe(expected)
  })

  test.each(['\n', '\0', '\x1b[2J', '\x9b31m', '\u202e', '\u2028'])('nothing breaks the line, hides text or steers the terminal: %j', (text) => {
    const shown = line({ [`k${text}`]: `v${text}` }, `m${text}`)
    expect(shown).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+\n$/u)
  })

  test('an error comes with its stack, on lines of its own', () => {
    const error = new Error('it is broken')
    const [first, second, third] = written((logger) => logger.error({ err: error }, 'request failed')).split('\n')
    expect(first?.replace(CLOCK, '')).toBe('ERROR request failed')
    expect(second).toBe('  Error: it is broken')
    expect(third).toMatch(/^ +at /)
  })

  test.each<['info' | 'warn' | 'error', string]>([
    ['info',  '\x1b[32mINFO \x1b[0m text\n'],
    ['warn',  '\x1b[33mWARN \x1b[0m text\n'],
    ['error', '\x1b[31mERROR\x1b[0m text\n'],
  ])('the level is in colour: %s', (level, expected) => {
    expect(written((logger) => logger[level]({}, 'text'), true).replace(CLOCK, '')).toBe(expected)
  })
})
