import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Whether processes can be kept apart: util-linux has the tool, and there is a second core. */
export const CAN_PIN = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0

/**
 * Options of `fork` for a process that stays on one core, so that the generator does not push the server from core to core:
 * identical servers then differ by 2 % instead of 6 %. None without a core, and where that is not possible.
 *
 * @param {number} [core]
 */
export const onCore = (core) =>
  CAN_PIN && core !== undefined
    ? { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath] }
    : {}
