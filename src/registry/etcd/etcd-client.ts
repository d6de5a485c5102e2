import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { createEtcdChannel } from './etcd-channel.js'
import { EtcdFailure } from './etcd-failure.js'
import type { Method, Methods } from './etcd-messages.js'
import type { EtcdOptions } from './etcd-options.js'
import { createEtcdToken } from './etcd-token.js'
import { createEtcdWatch } from './etcd-watch.js'

/** A cluster that is asked as if it were one. */
export interface EtcdClient {
  /**
   * Asks one member after the other until one answers, or the time is over.
   *
   * @param request may differ from try to try, which are counted from 1
   * @returns the answer, and how often was asked: after the first time, a change may have been made already
   * @throws EtcdFailure
   */
  ask<M extends Method>(
    method: M,
    request: Methods[M]['request'] | ((tries: number) => Methods[M]['request']),
  ): Promise<{ answer: Methods[M]['response']; tries: number }>

  /** Calls `listener` when the key may have changed. @returns a function that ends it */
  watch(key: Buffer, listener: () => void): () => void

  close(): void
}

/** Between two rounds over all members. */
const PAUSE: Milliseconds = 50

/** How often to sign in again for one request, at most. */
const MOST_TOKENS = 3

export function createEtcdClient(options: EtcdOptions, clock: Clock = monotonic): EtcdClient {
  const { endpoints, tls, followTls, login, timeout = 5_000 } = options
  const channels = endpoints.map((address) => createEtcdChannel(address, tls))
  const endFollowing = followTls?.((next) => {
    for (const channel of channels) channel.renew(next)
  })
  const token = createEtcdToken(
    login && (() => signIn({ name: login.username, password: login.password })),
  )
  /** The member that answered last; after a failure, the next one. */
  let preferred = 0

  async function signIn(request: { name: string; password: string }): Promise<string> {
    const { answer } = await tryAll('/etcdserverpb.Auth/Authenticate', () => request, false)
    return answer.token
  }

  async function tryAll<M extends Method>(
    method: M,
    request: (tries: number) => Methods[M]['request'],
    isSigned: boolean,
  ): Promise<{ answer: Methods[M]['response']; tries: number }> {
    const until = clock() + timeout
    const failures = new Map<string, string>()
    let tokens = 0
    for (let tries = 1; ; tries++) {
      const at = preferred
      const channel = channels[at] as (typeof channels)[number]
      let signed: string | undefined
      try {
        if (isSigned) signed = await token.get()
        const share = Math.min(timeout / channels.length, until - clock())
        if (share <= 0) throw outOfReach(failures, timeout)
        const call = { timeout: share, token: signed }
        return { answer: await channel.ask(method, request(tries), call), tries }
      } catch (error) {
        if (!(error instanceof EtcdFailure)) throw error
        if (error.kind === 'token' && signed !== undefined && tokens++ < MOST_TOKENS) {
          token.drop(signed)
        } else if (error.kind === 'unreachable') {
          failures.set(channel.address, error.message)
          if (preferred === at) preferred = (at + 1) % channels.length
        } else if (error.kind !== 'behind') throw error
        if (until - clock() <= PAUSE) throw outOfReach(failures, timeout)
        if (tries >= channels.length) await sleep(PAUSE)
      }
    }
  }

  return {
    ask: (method, request) =>
      tryAll(method, typeof request === 'function' ? request : () => request, true),
    watch: (key, listener) => createEtcdWatch(channels, token, key, listener),
    close() {
      endFollowing?.()
      for (const channel of channels) channel.close()
    },
  }
}

function outOfReach(failures: ReadonlyMap<string, string>, timeout: Milliseconds): EtcdFailure {
  const each = [...failures].map(([address, says]) => `${address}: ${says}`).join('; ')
  return new EtcdFailure('unreachable', `no answer within ${timeout} ms: ${each}`)
}
