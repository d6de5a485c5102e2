import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader'
import type { Milliseconds } from '../../time.js'
import { createClientContext } from '../../tls/client-context.js'
import { etcdFailure } from './etcd-failure.js'
import {
  MESSAGES,
  type Method,
  type Methods,
  type WatchRequest,
  type WatchResponse,
} from './etcd-messages.js'
import type { EtcdTls } from './etcd-options.js'

/*
 * Why gRPC itself, and neither of the ways to have it done:
 * - etcd3 (1.1.2): a watch stays on a member that hangs and hears nothing of what the others do; it sends a
 *   transaction again without saying so, and then "no" may mean "yes, the first time".
 * - etcd's JSON gateway: refuses client certificates that name somebody (a CommonName), and is off by default where
 *   etcd 3.4 is configured by a file.
 */

/** How a request is sent. */
export interface EtcdCall {
  /** How long it may take. */
  timeout: Milliseconds
  /** The token of the user who asks. @default none */
  token: string | undefined
}

/** Called by a watch. */
export interface EtcdWatcher {
  /** From now on changes are reported. */
  created(): void
  /** The key has changed. */
  changed(revision: number): void
  /** The watch has failed. Not called when it was ended on request. */
  ended(failure: Error): void
}

/** The way to one member of an etcd cluster: it connects when it is asked, again and again. */
export interface EtcdChannel {
  readonly address: string
  /** Asks once. @throws EtcdFailure */
  ask<M extends Method>(
    method: M,
    request: Methods[M]['request'],
    call: EtcdCall,
  ): Promise<Methods[M]['response']>
  /** @returns a function that ends it */
  watch(key: Buffer, token: string | undefined, watcher: EtcdWatcher): () => void
  /** Connects anew, with these. Requests in flight are finished, or fail as `unreachable`; watches end as failed. */
  renew(tls: EtcdTls): void
  close(): void
}

/** etcd refuses pings that come more often than every 5 s (`--grpc-keepalive-min-time`). */
const OPTIONS = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // A page of large values may be longer than the 4 MiB that are the default
  'grpc.max_receive_message_length': -1,
  // The caller decides what is sent again: it knows whether that is safe
  'grpc.enable_retries': 0,
  // Neither a proxy of the environment nor DNS has a say in who is asked
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
}

const DEFINITIONS = fromJSON(MESSAGES as never, { longs: Number, defaults: true, arrays: true })

const NAMES: Readonly<Record<Method, string>> = {
  '/etcdserverpb.KV/Range': 'Range',
  '/etcdserverpb.KV/Txn': 'Txn',
  '/etcdserverpb.Auth/Authenticate': 'Authenticate',
}

export function createEtcdChannel(address: string, tls: EtcdTls | undefined): EtcdChannel {
  let client = createClient(address, tls)
  const watches = new Set<(failure: Error) => void>()

  return {
    address,

    ask: (method, request, { timeout, token }) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          method,
          writer(`${NAMES[method]}Request`),
          reader<Methods[typeof method]['response']>(`${NAMES[method]}Response`),
          request,
          signed(token),
          { deadline: Date.now() + timeout },
          (error, answer) => {
            if (error) reject(etcdFailure(error.code, error.details))
            else resolve(answer as Methods[typeof method]['response'])
          },
        )
      }),

    watch(key, token, watcher) {
      const stream = client.makeBidiStreamRequest(
        '/etcdserverpb.Watch/Watch',
        writer<WatchRequest>('WatchRequest'),
        reader<WatchResponse>('WatchResponse'),
        signed(token),
      )
      let ended = false
      const end = (failure: Error) => {
        if (ended) return
        stop()
        watcher.ended(failure)
      }
      const stop = () => {
        ended = true
        watches.delete(end)
        stream.cancel()
      }
      watches.add(end)
      stream.on('data', ({ created, canceled, cancelReason, events }: WatchResponse) => {
        if (ended) return
        // etcd 3.4 says of a watch that it refuses both that it was created and that it was cancelled
        if (canceled) return end(etcdFailure(16, cancelReason))
        if (created) watcher.created()
        for (const { kv } of events) watcher.changed(kv.modRevision)
      })
      stream.on('error', (error: ServiceError) => end(etcdFailure(error.code, error.details)))
      stream.on('end', () => end(etcdFailure(14, 'the watch has ended')))
      stream.write({ create: { key } })
      return stop
    },

    renew(next) {
      const before = client
      client = createClient(address, next)
      for (const end of watches) end(etcdFailure(14, 'the TLS files have changed'))
      before.close()
    },

    close: () => client.close(),
  }
}

function createClient(address: string, tls: EtcdTls | undefined): Client {
  const { channelCredentials, options } = tls ? secured(address, tls) : INSECURE
  return new Client(address, channelCredentials, { ...OPTIONS, ...options })
}

const INSECURE = { channelCredentials: credentials.createInsecure(), options: {} }

/** In place of an IP address, which cannot be a server name (RFC 6066 §3): a name that nobody has (RFC 6761 §6.4). */
const NO_NAME = 'etcd.invalid'

/** TLS to a member. grpc-js takes an IP address for a server name, which Node 26 refuses; the certificate must name it. */
function secured(address: string, tls: EtcdTls) {
  const context = createClientContext(tls)
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) === 0) {
    return { channelCredentials: credentials.createFromSecureContext(context), options: {} }
  }
  return {
    channelCredentials: credentials.createFromSecureContext(context, {
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
    }),
    options: { 'grpc.ssl_target_name_override': NO_NAME },
  }
}

function signed(token: string | undefined): Metadata {
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('token', token)
  return metadata
}

function typeOf(name: string): MessageTypeDefinition<object, object> {
  return DEFINITIONS[name] as MessageTypeDefinition<object, object>
}

function writer<T extends object>(name: string): (message: T) => Buffer {
  return typeOf(name).serialize as (message: T) => Buffer
}

function reader<T>(name: string): (bytes: Buffer) => T {
  return typeOf(name).deserialize as (bytes: Buffer) => T
}
