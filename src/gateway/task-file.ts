import { mkdirSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthError } from '../errors.js'

/** A task as the sample API keeps it: Kapacitor's fields, as far as a client sets them. */
export interface Task {
  readonly id: string
  readonly [field: string]: unknown
}

/** The sample API's tasks, in a file. */
export interface TaskFile {
  /** In the order of their ids. */
  list(): Task[]
  get(id: string): Task | undefined
  /** Adds or replaces; resolves when it is on disk. */
  put(task: Task): Promise<void>
  /** Resolves when it is off the disk. */
  remove(id: string): Promise<void>
}

/**
 * Opens `tasks.json` in `directory`, which is made if it is missing.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if it cannot be read or is no such file
 */
export function openTaskFile(directory: string): TaskFile {
  const path = join(directory, 'tasks.json')
  const tasks = load(directory, path)
  let saving = Promise.resolve()

  /** One at a time; whole or not at all, since a rename is. */
  function save(): Promise<void> {
    const result = saving.then(async () => {
      const text = JSON.stringify([...tasks.values()], null, 2)
      const file = await open(`${path}.new`, 'w', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.new`, path)
    })
    saving = result.catch(() => {})
    return result
  }

  return {
    list: () => [...tasks.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    get: (id) => tasks.get(id),
    put(task) {
      tasks.set(task.id, task)
      return save()
    },
    remove(id) {
      tasks.delete(id)
      return save()
    },
  }
}

function load(directory: string, path: string): Map<string, Task> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const tasks = JSON.parse(readFileSync(path, 'utf8')) as Task[]
    return new Map(tasks.map((task) => [task.id, task]))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    const why = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message
    throw new AuthError('ERR_CONFIG_INVALID', `cannot use ${path}: ${why}`, { cause })
  }
}
