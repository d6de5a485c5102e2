import type { ChildProcess } from 'node:child_process'

/** A connection as Node hands it to a worker. */
interface Handle {
  close(): void
}

/** The messages of `node:cluster` that matter here; they are Node's own, and a test of real processes pins them. */
interface ClusterMessage {
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

/**
 * Closes the connections that were handed to a worker which ended before it took them. Node keeps such a connection open
 * in the primary for ever: its client would wait for as long.
 */
export function closeOrphanedConnections(child: ChildProcess): void {
  const handedOver = new Map<number, Handle>()
  const send = child.send?.bind(child) as ((...args: unknown[]) => boolean) | undefined
  if (!send) return // it could not be started

  child.send = (message: ClusterMessage, ...rest: unknown[]) => {
    const [handle] = rest as [Handle?]
    if (message.act === 'newconn' && message.seq !== undefined && handle) {
      handedOver.set(message.seq, handle)
    }
    return send(message, ...rest)
  }
  child.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) handedOver.delete(ack)
  })
  child.once('exit', () => {
    for (const handle of handedOver.values()) handle.close()
    handedOver.clear()
  })
}
