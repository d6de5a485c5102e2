import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { logStream } from '../../src/log/log-stream.js'
import { createLogger, styleFor } from '../../src/log/pino-logger.js'
import { transpiled } from '../registry/transpiled.js'

const SRC = transpiled()

describe('a line', () => {
  const written: string[] = []
  const logger = createLogger({ write: (line) => written.push(line) })
  const line = (fields: object) => {
    written.length = 0
    logger.info(fields, 'text')
    expect(written).toHaveLength(1)
    return written[0] ?? ''
  }

  test('is one JSON object with the time', () => {
    expect(JSON.parse(line({ a: 1 }))).toEqual({ level: 30, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), a: 1, msg: 'text' })
  })

  test.each(['\n', '\0', '\x1b[2J', '\x7f', '\x85', '\x9b31m', '\u2028', '\u202e', '\u2066', '\ufeff', '\u{e0041}', '"', '\\', 'ä', '🦊'])('has nothing that breaks, hides or steers: %j', (text) => {
    const text_ = `a${text}b`
    const printed = line({ [text_]: text_, err: new Error(text_) })
    expect(printed).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+\n$/u)
    expect(JSON.parse(printed)[text_]).toBe(text_)
  })
})

describe('the level', () => {
  test.each<['debug' | 'info' | 'warn' | 'error', string[]]>([
    // level     logged
    ['debug',    ['info', 'warn', 'error']],
    ['info',     ['info', 'warn', 'error']],
    ['warn',     ['warn', 'error']],
    ['error',    ['error']],
  ])('%s', (level, expected) => {
    for (const isLater of [false, true]) {
      const lines: string[] = []
      const logger = createLogger({ write: (line) => lines.push(JSON.parse(line).msg) }, isLater ? {} : { level })
      if (isLater) logger.setLevel(level.toUpperCase() as Uppercase<typeof level>)
      for (const each of ['info', 'warn', 'error'] as const) logger[each]({}, each)
      expect(lines).toEqual(expected)
    }
  })
})

test.each<[boolean | undefined, NodeJS.ProcessEnv, boolean, boolean]>([
  // a terminal  environment           readable  coloured
  [true,         {},                   true,     true],
  [true,         { NO_COLOR: '1' },    true,     false],
  [true,         { TERM: 'dumb' },     true,     false],
  [false,        {},                   false,    false],
  [undefined,    {},                   false,    false],
])('on a terminal (%s, %j) lines are readable: %s, in colour: %s', (isTTY, env, readable, coloured) => {
  expect(styleFor(isTTY === undefined ? {} : { isTTY }, env)).toEqual({ readable, coloured })
})

describe('standard output and error', () => {
  const program = `
    import { logStream } from ${JSON.stringify(join(SRC, 'log/log-stream.js'))}
    const log = logStream(process.stdout)
    for (let i = 0; i < 100; i++) log.write('x'.repeat(1000) + '\\n')
    setTimeout(() => { log.write('still here\\n'); setTimeout(() => process.stderr.write('well\\n', () => process.exit(3)), 50) }, 50)`
  const run = (redirection: string) => spawnSync('bash', ['-c', `"$@" ${redirection}; echo \${PIPESTATUS[0]}`, 'run', process.execPath, '--input-type=module', '-e', program], { encoding: 'utf8', timeout: 50_000 })

  test.each([
    // says                      redirection
    ['a full disk',              '>/dev/full'],
    ['a reader that is gone',    '| true'],
    ['a reader that is stuck',   '| sleep 0.5'],
    ['closed',                   '>&-'],
  ])('%s ends nobody', (_says, redirection) => {
    const { stdout, stderr } = run(redirection)
    expect([stdout.trim(), stderr]).toEqual(['3', 'well\n'])
  })

  test('what a slow reader leaves no room for is dropped', () => {
    let accepted = 0
    const slow = new Writable({ write: () => {} })
    const log = logStream(slow)
    for (let i = 0; i < 10_000; i++) log.write('x'.repeat(1_000))
    accepted = slow.writableLength
    expect(accepted).toBeGreaterThan(1_000_000)
    expect(accepted).toBeLessThan(1_100_000)
  })

  test('one stream has one listener, however many logs it has', () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
    for (let i = 0; i < 20; i++) logStream(stream)
    expect(stream.listenerCount('error')).toBe(1)
    expect(() => stream.emit('error', new Error('x'))).not.toThrow()
  })
})
