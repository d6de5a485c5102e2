import net, { type Socket } from 'node:net'
import tls, { type ConnectionOptions } from 'node:tls'
import type { Milliseconds } from '../../time.js'
import type { UpstreamAddress } from './upstream-address.js'
import { tooSlow } from './upstream-error.js'

/** After how long without traffic TCP asks whether the other machine is still there. */
const PROBE: Milliseconds = 30_000

/**
 * How connections to `address` are opened. One that is not there in time is destroyed with `ERR_UPSTREAM_TIMEOUT`.
 *
 * @param secure for TLS; a session is resumed where the upstream allows it
 */
export function connectionOpener(
  address: UpstreamAddress,
  secure: ConnectionOptions | undefined,
  connectTimeout: Milliseconds,
): () => Socket {
  const at = { ...address.at, noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE }
  let session: Buffer | undefined

  function openTls(): Socket {
    const socket = tls.connect({ ...at, ...secure, ...(session && { session }) })
    return socket.on('session', (newest) => {
      session = newest
    })
  }

  return function openConnection(): Socket {
    const socket = secure === undefined ? net.connect(at) : openTls()
    const timer = setTimeout(() => socket.destroy(tooSlow('no connection in time')), connectTimeout)
    const stop = () => clearTimeout(timer)
    return socket.once(secure === undefined ? 'connect' : 'secureConnect', stop).once('close', stop)
  }
}
