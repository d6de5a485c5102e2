import { createAdminApp } from '../admin/admin-app.js'
import type { Administered } from '../admin/administered.js'
import { parseAddress } from '../config/kinds/address.js'
import type { Logger } from '../log/logger.js'
import { type Listening, listen } from '../server/listen.js'

export interface AdminListenerOptions {
  readonly address: string
  /** The key that `address` comes from, for messages: `[admin] bind-address`. */
  readonly option: string
  readonly logger: Logger
}

/** Starts the listener for operators. @throws AuthError `ERR_CONFIG_INVALID` if it cannot listen */
export function listenForAdmin(
  administered: Administered,
  { address, option, logger }: AdminListenerOptions,
): Promise<Listening> {
  const host = parseAddress(address)?.host
  const app = createAdminApp(administered, {
    ...(host && { host }),
    log: (error: unknown) => logger.error({ err: error }, 'a request to the admin listener failed'),
  })
  return listen(app.callback(), { address, option, log: logger })
}
