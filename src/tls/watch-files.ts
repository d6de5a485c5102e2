import { type FSWatcher, watch } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Milliseconds } from '../time.js'

export interface WatchFilesOptions {
  /** How long it must be quiet after a change: a key is written after its certificate. @default 200 */
  settle?: Milliseconds

  /** How often the files are looked at in case nobody has told. @default 5_000 */
  interval?: Milliseconds

  /** Tells of changes in a directory. @default fs.watch */
  watchDirectory?: (path: string, onChange: () => void) => FSWatcher
}

/**
 * Calls `onChange` after any of `paths` has been written, replaced, removed or made, or what a symbolic link on the way
 * to it points to: Let's Encrypt replaces links to files, Kubernetes links to directories. Their directories are watched
 * and, since not every file system tells, the files are looked at from time to time as well. Calls once at the beginning, too: a file
 * may have changed since it was read.
 *
 * @returns stops it
 */
export function watchFiles(
  paths: readonly string[],
  onChange: () => void,
  options: WatchFilesOptions = {},
): () => void {
  const { settle = 200, interval = 5_000, watchDirectory = watchWithNode } = options
  const watchers = new Map<string, FSWatcher>()
  let settling: NodeJS.Timeout | undefined
  let isClosed = false
  let looking: 'no' | 'yes' | 'again' = 'no'
  let last: string | undefined

  /** A directory may tell of much else: only what has become of the files counts. */
  async function look(): Promise<void> {
    if (looking !== 'no') {
      looking = 'again'
      return
    }
    do {
      looking = 'yes'
      const states = await Promise.all(paths.map(stateOf))
      if (isClosed) return
      compare(states)
    } while ((looking as string) === 'again')
    looking = 'no'
  }

  function compare(states: readonly FileState[]): void {
    const seen = JSON.stringify(states)
    if (seen === last) return
    last = seen
    // Also where a watched directory has been replaced by another of the same name
    watchAll(new Set(states.flatMap(({ directories }) => directories)))
    clearTimeout(settling)
    settling = setTimeout(onChange, settle).unref()
  }

  function watchAll(directories: ReadonlySet<string>): void {
    unwatch()
    for (const directory of directories) {
      try {
        const watcher = watchDirectory(directory, () => void look())
        watcher.on('error', () => watcher.close())
        watchers.set(directory, watcher)
      } catch {
        // Too many watches, or no such directory: it is looked at all the same
      }
    }
  }

  function unwatch(): void {
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  void look()
  const timer = setInterval(look, interval).unref()
  return function close() {
    isClosed = true
    clearInterval(timer)
    clearTimeout(settling)
    unwatch()
  }
}

interface FileState {
  /** Where a change would show. */
  readonly directories: readonly string[]
  /** Differs from one state of the file to another. */
  readonly state: readonly unknown[]
}

async function stateOf(path: string): Promise<FileState> {
  const directories = [dirname(resolve(path))]
  try {
    const real = await realpath(path)
    directories.push(dirname(real))
    const { ino, dev, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return { directories, state: [real, ino, dev, size, mtimeNs, ctimeNs].map(String) }
  } catch (error) {
    return { directories, state: [(error as NodeJS.ErrnoException).code] }
  }
}

function watchWithNode(path: string, onChange: () => void): FSWatcher {
  return watch(path, { persistent: false }, onChange)
}
