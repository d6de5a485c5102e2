/** What is to be done when this process ends; all of it hangs on one listener, for Node warns of more than ten. */
const tasks = new Set<() => void>()

function runAll(): void {
  for (const task of tasks) task()
}

/**
 * Calls `task`, which must not throw, when this process ends.
 *
 * @returns a function that takes it back
 */
export function whenExiting(task: () => void): () => void {
  if (tasks.size === 0) process.on('exit', runAll)
  tasks.add(task)
  return () => {
    if (tasks.delete(task) && tasks.size === 0) process.off('exit', runAll)
  }
}
