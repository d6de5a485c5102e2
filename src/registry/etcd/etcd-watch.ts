import type { Milliseconds } from '../../time.js'
import type { EtcdChannel } from './etcd-channel.js'
import { EtcdFailure } from './etcd-failure.js'
import type { EtcdToken } from './etcd-token.js'

const FIRST_PAUSE: Milliseconds = 100
const LONGEST_PAUSE: Milliseconds = 2_000

/**
 * Calls `listener` when the key may have changed: after each change, and whenever a watch is established again. All members
 * are watched at once, so that one that hangs, or is cut off from the others, delays nothing.
 *
 * @returns a function that ends it
 */
export function createEtcdWatch(
  channels: readonly EtcdChannel[],
  token: EtcdToken,
  key: Buffer,
  listener: () => void,
): () => void {
  /** The latest revision that `listener` was called for. */
  let latest = 0
  const ends = channels.map((channel) =>
    watchAt(channel, token, key, {
      created() {
        latest = 0 // etcd may have been restored from a backup, and count from there
        notify()
      },
      changed(revision) {
        if (revision <= latest) return
        latest = revision
        notify()
      },
    }),
  )

  function notify(): void {
    try {
      listener()
    } catch {
      // what it throws is its own affair, and must not end the process
    }
  }

  return () => {
    for (const end of ends) end()
  }
}

function watchAt(
  channel: EtcdChannel,
  token: EtcdToken,
  key: Buffer,
  heard: { created(): void; changed(revision: number): void },
): () => void {
  let isOver = false
  let pause = FIRST_PAUSE
  let timer: NodeJS.Timeout | undefined
  let stop = () => {}

  async function begin(): Promise<void> {
    try {
      const signed = await token.get()
      if (isOver) return
      stop = channel.watch(key, signed, {
        created() {
          pause = FIRST_PAUSE
          heard.created()
        },
        changed: heard.changed,
        ended(failure) {
          if (failure instanceof EtcdFailure && failure.kind === 'token') token.drop(signed)
          again()
        },
      })
    } catch {
      again()
    }
  }

  function again(): void {
    if (isOver) return
    timer = setTimeout(begin, pause).unref()
    pause = Math.min(2 * pause, LONGEST_PAUSE)
  }

  void begin()
  return () => {
    isOver = true
    clearTimeout(timer)
    stop()
  }
}
