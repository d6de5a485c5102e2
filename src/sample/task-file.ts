import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuthError } from '../errors.js'
import { readRegularFile } from '../text/regular-file.js'

/** A task as the sample API keeps it: Kapacitor's fields, as far as a client sets them. */
export interface Task {
  readonly id: string
  readonly [field: string]: unknown
}

/**
 * The sample API's tasks, in a file. Nothing is kept in memory, and a change is read, made and on disk before anything else
 * runs: after a reload the app before still finishes its requests, beside the new one and on the same file.
 */
export interface TaskFile {
  /** In the order of their ids. */
  list(): Task[]
  get(id: string): Task | undefined
  /**
   * Changes one task.
   *
   * @param apply gets the task as it is now, undefined if there is none; returns what it becomes, undefined to remove it.
   *   What it throws is passed on, and nothing is changed
   */
  change<T extends Task | undefined>(id: string, apply: (task: Task | undefined) => T): T
}

/**
 * Opens `tasks.json` in `directory`, which is made if it is missing.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if it cannot be read or is not a list of tasks; later, from the methods,
 *   `ERR_STORE_UNAVAILABLE`
 */
export function openTaskFile(directory: string): TaskFile {
  const path = join(directory, 'tasks.json')
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unusable(path, cause)
  }
  load(path)

  function read(): Map<string, Task> {
    try {
      return load(path)
    } catch (cause) {
      throw new AuthError('ERR_STORE_UNAVAILABLE', 'the tasks cannot be read', { cause })
    }
  }

  return {
    list: () => [...read().values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    get: (id) => read().get(id),
    change(id, apply) {
      const tasks = read()
      const task = apply(tasks.get(id))
      if (task !== undefined) tasks.set(id, task)
      else if (!tasks.delete(id)) return task
      save(path, [...tasks.values()])
      return task
    },
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

function load(path: string): Map<string, Task> {
  let tasks: unknown
  try {
    tasks = JSON.parse(readRegularFile(path).bytes.toString())
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw unusable(path, cause)
  }
  if (!Array.isArray(tasks) || !tasks.every(isTask)) {
    throw unusable(path, new Error('it is not a list of tasks'))
  }
  return new Map(tasks.map((task) => [task.id, task]))
}

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && typeof (value as Task).id === 'string'
}

/** Whole or not at all, since a rename is. */
function save(path: string, tasks: readonly Task[]): void {
  try {
    const file = openSync(`${path}.new`, 'w', 0o600)
    try {
      writeFileSync(file, JSON.stringify(tasks, null, 2))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new AuthError('ERR_STORE_UNAVAILABLE', 'the tasks cannot be saved', { cause })
  }
}

function unusable(path: string, cause: unknown): AuthError {
  const why = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message
  return new AuthError('ERR_CONFIG_INVALID', `cannot use ${path}: ${why}`, { cause })
}
