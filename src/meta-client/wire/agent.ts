import http from 'node:http'
import https from 'node:https'
import { createClientContext } from '../../tls/client-context.js'
import { tlsMistakes } from '../../tls/tls-mistakes.js'
import type { MetaTlsOptions } from './options.js'

/** Connections to one node at a time, and so the questions: none of them waits for a connection while its time runs. */
export const MAX_SOCKETS = 32

const SOCKETS = {
  keepAlive: true,
  maxSockets: MAX_SOCKETS,
  maxFreeSockets: 8,
  timeout: 30_000, // an idle connection is closed after that, before a firewall forgets it silently
} as const

/** The connections to the meta nodes: one pool, for the one scheme in use. */
export interface Agents {
  readonly http?: http.Agent
  readonly https?: https.Agent
}

/**
 * Connections kept alive between questions. TLS 1.2 or newer; certificates are verified whatever
 * `NODE_TLS_REJECT_UNAUTHORIZED` says: only `insecureSkipVerify` turns that off.
 *
 * @throws TypeError if CA, certificate or key cannot be used
 */
export function createAgents(tls?: MetaTlsOptions): Agents {
  if (tls === undefined) return { http: new http.Agent(SOCKETS) }
  const [mistake] = tlsMistakes(tls)
  if (mistake) throw new TypeError(`tls.${mistake.option} ${mistake.says}`)
  const secureContext = createClientContext(tls)
  const rejectUnauthorized = tls.insecureSkipVerify !== true
  return { https: new https.Agent({ ...SOCKETS, rejectUnauthorized, secureContext }) }
}
