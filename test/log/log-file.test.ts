import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, constants, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { type LogFile, type LogFileOptions, openLogFile } from '../../src/log/log-file.js'
import { transpiled } from '../registry/transpiled.js'
import { temporaryDirectory } from '../support/program.js'

const SRC = transpiled()
const FULL = '/dev/full'

let directory: ReturnType<typeof temporaryDirectory>
let path: string
let warnings: { message: string; [key: string]: unknown }[]
let files: LogFile[]
beforeEach(() => {
  directory = temporaryDirectory()
  path = join(directory.path, 'audit.log')
  warnings = []
  files = []
})
afterEach(async () => {
  await Promise.all(files.map((file) => file.close()))
  directory.remove()
})

const logger = { info() {}, error() {}, warn: (fields: object, message: string) => { warnings.push({ ...fields, message }) } }

function openLog(options: Partial<LogFileOptions> = {}): LogFile {
  const file = openLogFile(path, { option: '[audit] path', logger, retryAfter: 5, ...options })
  files.push(file)
  return file
}

const read = (name = path) => readFileSync(name, 'utf8')

/** The lines of a file, once there are as many. */
async function lines(count: number, name = path): Promise<string[]> {
  for (;;) {
    const found = existsSync(name) ? read(name).split('\n').slice(0, -1) : []
    if (found.length >= count) return found
    await sleep(5)
  }
}

describe('opening', () => {
  test('a new file is its owner’s alone', () => {
    openLog()
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
  })

  test('an existing one keeps its mode and what is in it', async () => {
    writeFileSync(path, 'before\n')
    chmodSync(path, 0o644)
    openLog().write('after\n')
    expect(await lines(2)).toEqual(['before', 'after'])
    expect((statSync(path).mode & 0o777).toString(8)).toBe('644')
  })

  test.each<[string, () => void, RegExp]>([
    ['no such directory',                     () => { path = join(directory.path, 'no/audit.log') }, /its directory does not exist$/],
    ['a directory',                           () => mkdirSync(path),                                 /it is a directory$/],
    ['a named pipe that nobody reads',        () => spawnSync('mkfifo', [path]),                     /ENXIO/],
  ])('what cannot be opened is told in one line, with the option: %s', (_says, prepare, reason) => {
    prepare()
    let refusal: unknown
    try {
      openLog()
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(AuthError)
    const { code, message } = refusal as AuthError
    expect(code).toBe('ERR_CONFIG_INVALID')
    expect(message).toMatch(reason)
    expect(message).toMatch(/^cannot write \S+ \(\[audit\] path\): .*$/)
  })
})

describe('writing', () => {
  test('nothing is written before the turn is over, then all of it', async () => {
    const file = openLog()
    for (let i = 0; i < 1_000; i++) file.write(`line ${i}\n`)
    expect(read()).toBe('')
    expect(await lines(1_000)).toEqual(Array.from({ length: 1_000 }, (_, i) => `line ${i}`))
  })

  test('closing writes what is left; later lines are dropped', async () => {
    const file = openLog()
    file.write('last\n')
    await file.close()
    file.write('too late\n')
    await file.close()
    await file.reopen()
    await sleep(20)
    expect(read()).toBe('last\n')
    expect(warnings).toEqual([])
  })

  test('so does the end of the process', () => {
    run(`
      const file = openLogFile(process.argv[1], { option: 'x' })
      file.write('first\\n')
      setTimeout(() => { file.write('last\\n'); process.exit(0) }, 50)`, path)
    expect(read()).toBe('first\nlast\n')
  })

  test('many files hang on one listener of the process, and each is written when it ends; the last to close takes it back', () => {
    const { status, stderr, stdout } = run(`
      const listeners = () => process.listenerCount('exit') - before
      const before = process.listenerCount('exit')
      const files = Array.from({ length: 20 }, (_, i) => openLogFile(process.argv[1] + i, { option: 'x' }))
      const open = listeners()
      await files[0].close()
      await files[0].close()
      const fewer = listeners()
      await Promise.all(files.slice(1, 19).map((file) => file.close()))
      const one = listeners()
      await files[19].close()
      console.log(open, fewer, one, listeners())
      for (const i of [0, 1]) openLogFile(process.argv[1] + i, { option: 'x' }).write('last' + i)
      process.exit(3)`, path)
    expect([status, stderr, stdout]).toEqual([3, '', '1 1 1 0\n'])
    expect([0, 1].map((i) => readFileSync(path + i, 'utf8'))).toEqual(['last0', 'last1'])
  })

  test('an open file keeps no process from ending', () => {
    expect(run(`openLogFile(process.argv[1], { option: 'x' }).write('line\\n')`, path).status).toBe(0)
    expect(read()).toBe('line\n')
  })

  test('several processes append whole lines to one file', async () => {
    const begin = Date.now() + 500
    const writers = ['a', 'b', 'c'].map((letter) => start(`
      const file = openLogFile(process.argv[1], { option: 'x' })
      let left = 300
      while (Date.now() < ${begin});
      const more = () => {
        for (let i = 0; i < 10; i++) file.write('${letter}'.repeat(50 + (left * 37) % 500) + '\\n')
        if (--left > 0) setImmediate(more)
        else file.close()
      }
      more()`, path))
    await Promise.all(writers.map((child) => once(child, 'close')))
    const found = read().split('\n').slice(0, -1)
    expect(found).toHaveLength(9_000)
    expect(found.filter((line) => !/^(?:a+|b+|c+)$/.test(line)).length).toBe(0)
  })
})

describe('reopening', () => {
  test('after the file was renamed, a new one is begun, and no line is lost or torn', async () => {
    const file = openLog()
    let count = 0
    const old = [path]
    for (let turn = 0; turn < 5; turn++) {
      for (let i = 0; i < 500; i++) {
        file.write(`line ${count++} ${'x'.repeat(100)}\n`)
        if (i % 50 === 0) await sleep(0)
      }
      const name = `${path}.${turn}`
      renameSync(path, name)
      old.push(name)
      await file.reopen()
      expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
    }
    file.write('last\n')
    await file.close()
    const all = old.slice(1).concat(path).flatMap((name) => read(name).split('\n').slice(0, -1))
    expect(all).toEqual([...Array.from({ length: count }, (_, i) => `line ${i} ${'x'.repeat(100)}`), 'last'])
    expect(read()).toContain('last')
  })

  test('if it cannot be opened, the old one is kept, and the operator told', async () => {
    const file = openLog()
    renameSync(path, `${path}.1`)
    mkdirSync(path)
    await file.reopen()
    expect(warnings).toMatchObject([{ option: '[audit] path', path, cause: expect.stringContaining('EISDIR'), message: 'log file cannot be reopened; the old one is kept' }])
    file.write('still there\n')
    expect(await lines(1, `${path}.1`)).toEqual(['still there'])
    rmSync(path, { recursive: true })
    await file.reopen()
    file.write('new\n')
    expect(await lines(1)).toEqual(['new'])
  })

  test('several times at once, no descriptor stays open', async () => {
    const file = openLog()
    const before = descriptors()
    for (let i = 0; i < 20; i++) {
      file.write('line\n')
      await Promise.all([file.reopen(), file.reopen(), file.reopen()])
    }
    expect(descriptors()).toBe(before)
    await Promise.all([file.reopen(), file.close(), file.reopen()])
    expect(descriptors()).toBe(before - 1)
    expect(read()).toBe('line\n'.repeat(20))
  })
})

describe('a full disk', () => {
  /** The log's path leads to a disk that is full. */
  function fill(): void {
    symlinkSync(FULL, path)
  }

  /** And now to one that is not. */
  function makeRoom(): void {
    rmSync(path)
  }

  test('lines are kept, those beyond the limit counted, and both told once there is room', async () => {
    fill()
    const file = openLog({ maxPending: 1_000 })
    for (let i = 0; i < 100; i++) file.write(`line ${String(i).padStart(3, '0')}.\n`)
    while (warnings.length === 0) await sleep(5)
    await sleep(50)
    expect(warnings).toMatchObject([{ cause: expect.stringContaining('ENOSPC'), message: 'log file cannot be written' }])
    file.write('one too many\n'.repeat(80))
    makeRoom()
    await file.reopen()
    const found = (await lines(102)).filter((line) => line !== '')
    expect(found.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => `line ${String(i).padStart(3, '0')}.`))
    expect(JSON.parse(found[100] ?? '')).toMatchObject({ dropped: 1, msg: 'log lines were lost' })
    expect(found).toHaveLength(101)
    expect(warnings.map(({ message }) => message)).toEqual(['log file cannot be written', 'log file is written again'])
  })

  test('closing ends all the same, and tells what is lost', async () => {
    fill()
    const file = openLog()
    for (let i = 0; i < 10; i++) file.write('line\n')
    await file.close()
    expect(warnings.at(-1)).toMatchObject({ lost: 10, message: 'log lines were lost' })
  })

  test('the process ends all the same', () => {
    fill()
    const { status, signal } = run(`
      const file = openLogFile(process.argv[1], { option: 'x' })
      for (let i = 0; i < 100000; i++) file.write('line '.repeat(10) + '\\n')
      setTimeout(() => process.exit(3), 100)`, path)
    expect([status, signal]).toEqual([3, null])
  })

  test('a line that was cut in half is written again, on a line of its own', () => {
    // Files of at most 4 kB: what is written last is cut off
    const { status, stderr } = run(`
      const { renameSync, statSync } = await import('node:fs')
      const { setTimeout: sleep } = await import('node:timers/promises')
      const path = process.argv[1]
      const file = openLogFile(path, { option: 'x', retryAfter: 5 })
      for (let i = 0; i < 60; i++) file.write('line ' + i + ' ' + 'x'.repeat(90) + '\\n')
      while (statSync(path).size < 4096) await sleep(5)
      await sleep(30)
      renameSync(path, path + '.1')
      await file.reopen()
      await file.close()`, path, 'ulimit -f 4; ')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const first = read(`${path}.1`).split('\n')
    expect(first.pop()).toMatch(/^line \d+ x*$/)
    const found = [...first, ...read().split('\n')].filter((line) => line !== '')
    expect(found).toEqual(Array.from({ length: 60 }, (_, i) => `line ${i} ${'x'.repeat(90)}`))
  })
})

test('a named pipe: a slow reader keeps nobody waiting and gets whole lines', async () => {
  spawnSync('mkfifo', [path])
  const reader = spawn('sh', ['-c', 'sleep 0.3; cat'], { stdio: [openForReading(path), 'pipe', 'inherit'] })
  const file = openLog()
  for (let i = 0; i < 5_000; i++) file.write(`line ${i} ${'x'.repeat(80)}\n`)
  const closing = (async () => {
    let text = ''
    for await (const chunk of reader.stdout ?? []) {
      text += chunk
      if (text.includes('line 4999 ') && text.endsWith('\n')) await file.close()
    }
    return text
  })()
  const found = (await closing).split('\n').filter((line) => line !== '')
  expect(found).toEqual(Array.from({ length: 5_000 }, (_, i) => `line ${i} ${'x'.repeat(80)}`))
  expect(warnings).toEqual([])
})

function openForReading(name: string): number {
  return openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
}

const program = (source: string) => `import { openLogFile } from ${JSON.stringify(join(SRC, 'log/log-file.js'))}\n${source}`

function start(source: string, argument: string) {
  return spawn(process.execPath, ['--input-type=module', '-e', program(source), argument], { stdio: 'inherit' })
}

/** Runs a program to its end; it is killed after 50 seconds. */
function run(source: string, argument: string, prelude = '') {
  return spawnSync('bash', ['-c', `${prelude}exec "$@"`, 'run', process.execPath, '--input-type=module', '-e', program(source), argument], { timeout: 50_000, encoding: 'utf8' })
}

const descriptors = () => readdirSync('/proc/self/fd').filter((fd) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory.path)
  } catch {
    return false
  }
}).length
