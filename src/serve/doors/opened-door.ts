import type { Config } from '../../config/config.js'
import type { Logger } from '../../log/logger.js'
import { type Listening, type ListenOptions, listen } from '../../server/listen.js'
import { createAppSwitch } from './app-switch.js'
import type { Door, DoorApp } from './door.js'

/** A door that listens. */
export interface OpenedDoor {
  readonly door: Door
  readonly url: string

  /** What answers requests now. */
  readonly app: DoorApp

  /** From now on requests go to `next`; the app before is closed when its last request is answered. */
  replace(next: DoorApp): void

  /** Opens log files and certificates again. */
  reopen(): Promise<void>

  /** Takes no more requests, lets those in flight finish, and cuts off what is left after `patience`. */
  close(patience: number): Promise<void>
}

/** Called for what the server itself refuses, and for connections that fail before a request. */
export type DoorListeners = Required<Pick<ListenOptions, 'onRefusal' | 'onConnectionFailure'>>

/**
 * Opens a door.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if it cannot listen; `app` is left alone then
 */
export async function openDoor(
  door: Door,
  config: Config,
  app: DoorApp,
  { log, ...listeners }: DoorListeners & { readonly log: Logger },
): Promise<OpenedDoor> {
  const appSwitch = createAppSwitch(app)
  const options = { ...door.listenOptions(config), log, ...listeners }
  const listening: Listening = await listen(appSwitch.handle, options)
  return {
    door,
    url: listening.url,
    get app() {
      return appSwitch.app
    },
    replace: (next) => appSwitch.replace(next),
    async reopen() {
      await Promise.all([appSwitch.app.reopenLogs(), listening.reloadTls()])
    },
    async close(patience) {
      await listening.close(patience)
      await appSwitch.close()
    },
  }
}
