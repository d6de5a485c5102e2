import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import { openStore, temporaryDirectory } from './temporary.js'
import { transpiled } from './transpiled.js'

const src = transpiled()
const children: ChildProcess[] = []
afterEach(() => { for (const child of children.splice(0)) child.kill('SIGKILL') })

/** Namespaces of its own, as a container has; where the system allows it. */
const NAMESPACES = ['--user', '--map-root-user', '--pid', '--fork', '--mount', '--mount-proc', '--kill-child']
const canUnshare = spawnSync('unshare', [...NAMESPACES, 'true']).status === 0

/** A program that opens the store in its first argument and reads from it. */
function program(body: string): string {
  const file = join(temporaryDirectory(), 'program.mjs')
  writeFileSync(file, `
    import { openLmdbStore } from ${JSON.stringify(join(src, 'registry/lmdb/lmdb-store.js'))}
    const say = (text) => process.stdout.write(text + '\\n')
    const opened = await openLmdbStore(process.argv[2]).catch((error) => { say(error.code + ' ' + error.message); process.exit(1) })
    ${body}
  `)
  return file
}

describe.skipIf(!canUnshare)('in namespaces of its own,', () => {
  test('A12: a second process with the same id, as in two containers, is told what to do', async () => {
    const directory = join(temporaryDirectory(), 'meta')
    const store = await openStore(directory)
    await store.change((draft) => draft.put(['a'], 1))
    await store.close()
    const holder = program(`
      await opened.read((s) => s.get(['a']))
      say('id ' + process.pid)
      setInterval(() => opened.read((s) => s.get(['a'])), 5)
    `)
    const first = spawn('unshare', [...NAMESPACES, process.execPath, holder, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(first)
    expect(await once(createInterface({ input: first.stdout as NodeJS.ReadableStream }), 'line')).toEqual(['id 1'])

    const second = program(`say('read ' + await opened.read((s) => s.get(['a']))); await opened.close()`)
    const { status, stdout, stderr } = spawnSync('unshare', [...NAMESPACES, process.execPath, second, directory], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, ''])
    expect(stdout).toBe(`ERR_STORE_UNAVAILABLE ${directory} is in use by another process with the id 1, as in two containers: run this in the container that uses it (docker exec), or with its process ids (docker run --pid=container:NAME)\n`)
  })

  test.each([
    // says                                          room   exit  said
    ['A7: a first start on a full disk is refused',  '64k',    1,    /^ERR_STORE_UNAVAILABLE \/\S+ cannot be written to: there is no space left on the disk\n$/],
    ['A7: one with a little room is made',           '2m',   0,    /^made\n$/],
  ])('%s', (_says, size, code, said) => {
    const file = program(`await opened.change((d) => d.put(['a'], 1)); say('made'); await opened.close()`)
    const mount = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$1" "$2" "$0/meta"`
    const { status, signal, stdout, stderr } = spawnSync('unshare', [...NAMESPACES, 'bash', '--norc', '-c', mount, temporaryDirectory(), process.execPath, file], { encoding: 'utf8' })
    expect([status, signal, stderr]).toEqual([code, null, ''])
    expect(stdout).toMatch(said)
  })
})
