import { fork } from 'node:child_process'
import { once } from 'node:events'
import { onCore } from './core.mjs'

/**
 * Starts a server of the bench; `usage()` tells its CPU microseconds and its event loop's p99 since the last call.
 *
 * @param {number} [core] the core that it stays on
 */
export async function startProcess(scenario, metaPort, core) {
  const child = fork(
    new URL('../server.mjs', import.meta.url),
    [scenario, String(metaPort)],
    onCore(core),
  )
  const [{ port }] = await once(child, 'message')
  return {
    port,
    async usage() {
      child.send('usage')
      return (await once(child, 'message'))[0]
    },
    async cpu() {
      return (await this.usage()).cpu
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
