import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type WatchFilesOptions, watchFiles } from '../../src/tls/watch-files.js'

let directory: string
let close = () => {}
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watch-'))
})
afterEach(() => {
  close()
  rmSync(directory, { recursive: true })
})

const at = (...parts: string[]) => join(directory, ...parts)
function write(path: string, text = String(Math.random())): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
function link(target: string, path: string): void {
  symlinkSync(target, `${path}.tmp`)
  renameSync(`${path}.tmp`, path)
}

/** Counts calls, and waits for the next. */
async function start(paths: string[], options: WatchFilesOptions) {
  let calls = 0
  let wake = () => {}
  close = watchFiles(paths, () => { calls++; wake() }, options)
  const next = () => new Promise<void>((resolve) => { wake = resolve })
  await next() // the one at the beginning
  return { next, calls: () => calls }
}

const CHANGES: [string, prepare: () => void, change: () => void][] = [
  ['written anew', () => write(at('file')), () => write(at('file'))],
  ['replaced', () => write(at('file')), () => {
    write(at('new'))
    renameSync(at('new'), at('file'))
  }],
  ['removed', () => write(at('file')), () => unlinkSync(at('file'))],
  ['made', () => {}, () => write(at('file'))],
  ['a link to another file, as Let’s Encrypt does', () => {
    write(at('archive', '1'))
    write(at('archive', '2'))
    link(join('archive', '1'), at('file'))
  }, () => link(join('archive', '2'), at('file'))],
  ['a link whose file is written', () => {
    write(at('archive', '1'))
    link(join('archive', '1'), at('file'))
  }, () => write(at('archive', '1'))],
  ['a link through a link to a directory, as in Kubernetes', () => {
    write(at('..1', 'file'))
    write(at('..2', 'file'))
    link('..1', at('..data'))
    symlinkSync(join('..data', 'file'), at('file'))
  }, () => link('..2', at('..data'))],
]

describe('calls once a file was', () => {
  test.each(CHANGES)('%s', async (_says, prepare, change) => {
    prepare()
    const { next } = await start([at('file')], { interval: 10 })
    const called = next()
    change()
    await called
  })
})

test('what else happens in the directory counts for nothing', async () => {
  write(at('file'))
  const { next, calls } = await start([at('file')], { interval: 10 })
  for (let i = 0; i < 50; i++) {
    write(at(`other-${i}`))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(calls()).toBe(1)
  const called = next()
  write(at('file'), 'something longer than before')
  await called
  expect(calls()).toBe(2)
})

test('a change is told only when two looks in a row have seen the same: a key is written after its certificate', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const look = async () => {
    vi.advanceTimersByTime(1_000)
    // Until it has seen them
    while (process.getActiveResourcesInfo().includes('FSReqPromise')) await new Promise(setImmediate)
  }
  try {
    write(at('cert'), 'a')
    write(at('key'), 'a')
    let calls = 0
    close = watchFiles([at('cert'), at('key')], () => { calls++ }, { interval: 1_000 })
    while (calls < 1) await look() // the one at the beginning
    await look()
    write(at('cert'), 'new')
    await look()
    write(at('key'), 'new')
    await look()
    expect(calls).toBe(1)
    while (calls < 2) await look()
    for (let i = 0; i < 3; i++) await look()
    expect(calls).toBe(2)
  } finally {
    vi.useRealTimers()
  }
})

test('nothing is called once it is stopped', async () => {
  write(at('file'))
  const { calls } = await start([at('file')], { interval: 5 })
  close()
  write(at('file'), 'something longer')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(calls()).toBe(1)
})

test('a directory that goes and comes again', async () => {
  write(at('sub', 'file'))
  const { next } = await start([at('sub', 'file')], { interval: 10 })
  const gone = next()
  rmSync(at('sub'), { recursive: true })
  await gone
  const back = next()
  write(at('sub', 'file'))
  await back
})
