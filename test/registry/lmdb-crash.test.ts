import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { openStore, temporaryDirectory } from './temporary.js'
import { transpiled } from './transpiled.js'

const src = transpiled()
const children: ChildProcess[] = []
afterEach(() => { for (const child of children.splice(0)) child.kill('SIGKILL') })

/** A program that opens the store in its first argument as `store`, and runs `body`. */
function program(body: string): string {
  const file = join(temporaryDirectory(), 'program.mjs')
  writeFileSync(file, `
    import { openLmdbStore } from ${JSON.stringify(join(src, 'registry/lmdb/lmdb-store.js'))}
    const store = await openLmdbStore(process.argv[2])
    const say = (text) => process.stdout.write(text + '\\n')
    ${body}
  `)
  return file
}

function start(file: string, directory: string, limit = ''): ChildProcess {
  const child = limit
    ? spawn('bash', ['-c', `${limit}; exec "$0" "$@"`, process.execPath, file, directory], { stdio: ['ignore', 'pipe', 'ignore'] })
    : spawn(process.execPath, [file, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

const linesOf = (child: ChildProcess) => createInterface({ input: child.stdout as NodeJS.ReadableStream })

/** Ten writers at once. A change is two keys that must agree; each acknowledged one is printed. */
const WRITERS = `
  let next = (await store.read((s) => s.get(['next']))) ?? 0
  await Promise.all(Array.from({ length: 10 }, async () => {
    for (;;) {
      const n = next++
      await store.change((d) => { d.put(['a', String(n)], n); d.put(['b', String(n)], n); d.put(['next'], n + 1) })
      say(String(n))
    }
  }))
`

test('a process killed in a stream of changes loses none that was acknowledged, and no half of any', async () => {
  const directory = join(temporaryDirectory(), 'meta')
  const file = program(WRITERS)
  const acknowledged = new Set<number>()
  for (let round = 0; acknowledged.size < 4_000; round++) {
    const child = start(file, directory)
    const stopAt = acknowledged.size + 60 + round * 137
    for await (const line of linesOf(child)) {
      acknowledged.add(Number(line))
      if (acknowledged.size === stopAt) child.kill('SIGKILL')
    }

    const store = await openStore(directory)
    await store.read(async (s) => {
      for (const n of acknowledged) expect(await s.get(['a', String(n)])).toBe(n)
      const count = async (part: string) => { let n = 0; for await (const _ of s.range([part])) n++; return n }
      expect(await count('a')).toBe(await count('b'))
      expect(await count('a')).toBe(s.index - 1)
    })
    await store.close()
  }
}, 180_000)

test('processes that change the same lose nothing of each other', async () => {
  const directory = join(temporaryDirectory(), 'meta')
  const file = program(`
    for (let i = 0; i < 60; i++) await store.change(async (d) => d.put(['n'], ((await d.get(['n'])) ?? 0) + 1))
    await store.close()
  `)
  const exits = Array.from({ length: 3 }, () => once(start(file, directory), 'exit'))
  expect(await Promise.all(exits)).toEqual([[0, null], [0, null], [0, null]])
  const store = await openStore(directory)
  expect(await store.read((s) => s.get(['n']))).toBe(180)
})

test('a full disk refuses the change, keeps the old state, and takes changes again when there is room', async () => {
  const directory = join(temporaryDirectory(), 'meta')
  const file = program(`
    process.on('unhandledRejection', (error) => { say('unhandled ' + error.message); process.exit(1) })
    const put = (key, size) => store.change((d) => { d.put(['k', key], 'x'.repeat(size)); d.put(['last'], key) })
    let n = 0, error
    while (!error) await put(String(n), 20_000).then(() => n++, (e) => { error = e })
    say(JSON.stringify([error.code, error.status, error.message, n > 5]))
    say(JSON.stringify(await store.read(async (s) => [await s.get(['last']) === String(n - 1), s.index === n + 1, await s.get(['k', String(n)])])))
    for (let i = 0; i < 3; i++) await store.change((d) => d.removeAll(['k']))
    await put('small', 10)
    say(await store.read((s) => s.get(['last'])))
    await store.close()
  `)
  const child = start(file, directory, "trap '' XFSZ; ulimit -f 400")
  const lines: string[] = []
  for await (const line of linesOf(child)) lines.push(line)
  expect(lines).toEqual(['["ERR_STORE_UNAVAILABLE",503,"the registry cannot be written to",true]', '[true,true,null]', 'small'])
})

test('a change waits for another process only as long as its patience lasts, and nothing is stuck afterwards', async () => {
  const directory = join(temporaryDirectory(), 'meta')
  const store = await openStore(directory, { patience: 100 })
  const holder = join(temporaryDirectory(), 'holder.mjs')
  writeFileSync(holder, `
    import { createRequire } from 'node:module'
    const { open } = createRequire(${JSON.stringify(join(src, 'index.js'))})('lmdb')
    const root = open({ path: process.argv[2], noSubdir: false, overlappingSync: false })
    root.transactionSync(() => {
      process.stdout.write('held\\n')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)
    })
    process.exit(0)
  `)
  const child = start(holder, directory)
  await once(linesOf(child), 'line')
  const heard: number[] = []
  store.watch(({ index }) => { heard.push(index) })
  const late = { code: 'ERR_STORE_UNAVAILABLE', message: 'the registry cannot be written to' }
  await expect(store.change((d) => d.put(['a'], 1))).rejects.toMatchObject(late)
  expect(await store.read((s) => s.index)).toBe(1)
  await once(child, 'exit')
  await expect.poll(() => store.read((s) => s.get(['a']))).toBe(1) // the one given up on was done after all
  await expect.poll(() => heard).toEqual([2])
  await store.change((d) => d.put(['b'], 2))
  expect(await store.read((s) => s.get(['b']))).toBe(2)
})
