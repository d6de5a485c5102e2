import type { SecureContext } from 'node:tls'
import type { buildConnector, Dispatcher } from 'undici'
import type { Milliseconds } from '../time.js'

export interface RequestOnceOptions {
  /** A body makes it a POST. */
  readonly body?: string
  readonly headers: Readonly<Record<string, string>>
  /** Whose certificates count; undefined: those that Node trusts. */
  readonly trust: SecureContext | undefined
  /** The same for a proxy over TLS. */
  readonly proxyTrust: SecureContext | undefined
  /** Whether it goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name, if they do. */
  readonly mayUseProxy: boolean
  /** How many bytes of a body are read at the most. */
  readonly mostBytes: number
  /** Whether the body of an answer with that status is read. @default always */
  readonly isRead?: (status: number) => boolean
  /** For the whole of it: proxy, connection, request and body. */
  readonly timeout: Milliseconds
  /** Ends it early. */
  readonly signal: AbortSignal
}

export interface OnceAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Empty if it is not read. */
  readonly body: Buffer
}

/** The `code` of the error of a request that took too long, or was ended by its signal. */
export const TOO_SLOW = 'ETIMEDOUT'

/** The `code` of the error of an answer with more than `mostBytes`. */
export const TOO_LONG = 'UND_ERR_RES_EXCEEDED_MAX_SIZE'

type Undici = typeof import('undici')

/**
 * One request to a server outside, over a connection of its own: a server may close one that lies idle at any time.
 * Redirects are not followed, and compressed answers are not asked for. Certificates are verified, whatever
 * `NODE_TLS_REJECT_UNAUTHORIZED` says.
 *
 * @throws Error of Node, undici, or with one of the codes above
 */
export async function requestOnce(url: string, options: RequestOnceOptions): Promise<OnceAnswer> {
  const { timeout, signal } = options
  // Loaded by the first request only: most processes make none
  const undici = await import('undici')
  const dispatcher = createDispatcher(undici, options)
  let end = () => {}
  let timer: NodeJS.Timeout | undefined
  try {
    // undici hears of no signal before it is connected: a proxy may never answer
    return await new Promise((resolve, reject) => {
      end = () => reject(tooSlow())
      if (signal.aborted) return end()
      timer = setTimeout(end, timeout)
      signal.addEventListener('abort', end)
      exchange(undici, url, dispatcher, options).then(resolve, reject)
    })
  } catch (error) {
    throw (error as { code?: unknown }).code === 'UND_ERR_CONNECT_TIMEOUT' ? tooSlow() : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    dispatcher.destroy().catch(() => undefined)
  }
}

function createDispatcher(
  undici: Undici,
  { trust, proxyTrust, mayUseProxy, mostBytes, timeout }: RequestOnceOptions,
): Dispatcher {
  const verified = (secureContext: SecureContext | undefined) => ({
    // Otherwise a connection that is not made yet would outlive its request
    timeout,
    rejectUnauthorized: true,
    ...(secureContext && { secureContext }),
  })
  const tls = verified(trust)
  const options = {
    connect: tls,
    requestTls: tls,
    proxyTls: verified(proxyTrust),
    pipelining: 0,
    maxResponseSize: mostBytes,
    allowH2: false,
  }
  return mayUseProxy
    ? new undici.EnvHttpProxyAgent({ ...options, clientFactory: proxyClients(undici) })
    : new undici.Agent(options)
}

/** Clients of a proxy that connect once. When a proxy hangs up, undici's own connects again, thousands of times a second. */
function proxyClients({ Pool }: Undici) {
  return function createProxyClient(proxy: URL, options: object): Dispatcher {
    const { connect } = options as { connect: buildConnector.connector }
    let connections = 0
    return new Pool(proxy, {
      connect(to, callback) {
        if (connections++ === 0) connect(to, callback)
        else callback(hungUp(), null)
      },
    })
  }
}

async function exchange(
  { request }: Undici,
  url: string,
  dispatcher: Dispatcher,
  { headers, body: sent, isRead = () => true }: RequestOnceOptions,
): Promise<OnceAnswer> {
  const answer = await request(url, {
    dispatcher,
    headers,
    ...(sent !== undefined && { method: 'POST', body: sent }),
  })
  const { statusCode: status, body } = answer
  body.on('error', () => undefined)
  if (isRead(status)) {
    return { status, headers: answer.headers, body: Buffer.from(await body.arrayBuffer()) }
  }
  body.destroy()
  return { status, headers: answer.headers, body: Buffer.alloc(0) }
}

function hungUp(): Error {
  return Object.assign(new Error('the proxy closed the connection'), { code: 'ECONNRESET' })
}

function tooSlow(): Error {
  return Object.assign(new Error('it took too long'), { code: TOO_SLOW })
}
