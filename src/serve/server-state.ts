import type { Part } from '../admin/administered.js'

/** What the server as a whole has come to, as readiness shows it. */
export interface ServerState {
  /** Whether a first administrator exists, or is another server's business. */
  hasAdministrator: boolean
  /** Whether the configuration was refused when it was last read. */
  isReloadRefused: boolean
  /** Whether it has been told to stop. */
  isStopping: boolean
}

export function createServerState(): ServerState {
  return { hasAdministrator: false, isReloadRefused: false, isStopping: false }
}

export function partsOf({ hasAdministrator, isReloadRefused, isStopping }: ServerState): Part[] {
  const configuration: Part = isReloadRefused
    ? { name: 'configuration', ready: true, reason: 'the last reload was refused: see the log' }
    : { name: 'configuration', ready: true }
  return [
    configuration,
    ...(hasAdministrator
      ? []
      : [{ name: 'first administrator', ready: false, reason: 'is not created yet' }]),
    ...(isStopping ? [{ name: 'server', ready: false, reason: 'is stopping' }] : []),
  ]
}
