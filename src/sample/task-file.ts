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
  let tasks: ReadonlyMap<string, Task> = load(path, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  })
  let saving = Promise.resolve()

  /** One change at a time; whole or not at all, since a rename is. */
  function change(apply: (draft: Map<string, Task>) => void): Promise<void> {
    const result = saving.then(async () => {
      const draft = new Map(tasks)
      apply(draft)
      await save(JSON.stringify([...draft.values()], null, 2))
      tasks = draft
    })
    saving = result.catch(() => {})
    return result
  }

  async function save(text: string): Promise<void> {
    try {
      const file = await open(`${path}.new`, 'w', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.new`, path)
    } catch (cause) {
      throw new AuthError('ERR_STORE_UNAVAILABLE', 'the tasks cannot be saved', { cause })
    }
  }

  return {
    list: () => [...tasks.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    get: (id) => tasks.get(id),
    put: (task) => change((draft) => draft.set(task.id, task)),
    remove: (id) => change((draft) => draft.delete(id)),
  }
}

/**
 * Whether `tasks.json` in `directory` can be used, if it is there; nothing is made.
 *
 * @throws AuthError as `openTaskFile` does
 */
export function checkTaskFile(directory: string): void {
  load(join(directory, 'tasks.json'))
}

function load(path: string, prepare: () => void = () => {}): Map<string, Task> {
  try {
    prepare()
    const tasks = JSON.parse(readFileSync(path, 'utf8')) as Task[]
    return new Map(tasks.map((task) => [task.id, task]))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    const why = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message
    throw new AuthError('ERR_CONFIG_INVALID', `cannot use ${path}: ${why}`, { cause })
  }
}
