import type { Milliseconds } from '../time.js'
import { monotonic } from '../time.js'
import { VERSION } from '../version.js'
import { createAgents } from './wire/agent.js'
import { errorText, readObject } from './wire/answer-json.js'
import { createAttempt, type Outcome } from './wire/attempt.js'
import { createGet } from './wire/get.js'
import { createAuthorization } from './wire/node-credentials.js'
import type { MetaClientOptions } from './wire/options.js'
import { parseAddress } from './wire/origin.js'
import { unavailable } from './wire/refusal.js'

/** A large registry takes a while. */
const PATIENCE: Milliseconds = 120_000
const MOST_BYTES = 512 * 1024 * 1024

/** Which keys the node is asked with. */
const CREDENTIALS =
  '; it was asked with [auth] meta-internal-shared-secret, or meta-username and meta-password, if set'

/** The bodies of `GET /user` and `GET /role`. */
export interface ExportedBodies {
  readonly users: string
  readonly roles: string
}

/**
 * Asks the first of the meta nodes for all users and roles.
 *
 * @throws AuthError `ERR_META_UNAVAILABLE` or `ERR_META_INVALID`; its cause says why
 */
export async function exportAll(options: MetaClientOptions): Promise<ExportedBodies> {
  const [address = ''] = options.addresses
  const node = parseAddress(options.tls === undefined ? 'http' : 'https', address)
  if (node === undefined) throw new TypeError('addresses must hold a host:port')
  const agents = createAgents(options.tls)
  const attempt = createAttempt({
    nodes: [node],
    authorization: createAuthorization(options.credentials),
    get: createGet({ agents, maxAnswerBytes: MOST_BYTES, userAgent: `kapacitor-auth/${VERSION}` }),
    clock: monotonic,
  })
  const ask = async (path: string) =>
    bodyOf(path, await attempt(node, path, PATIENCE, new AbortController().signal))
  try {
    return { users: await ask('/user'), roles: await ask('/role') }
  } finally {
    agents.http?.destroy()
    agents.https?.destroy()
  }
}

function bodyOf(path: string, outcome: Outcome): string {
  if ('failure' in outcome) throw unavailable(`${path}: ${outcome.node} ${outcome.failure}`)
  const { status, body } = outcome.answer
  if (status === 200) return Buffer.from(body).toString()
  const said = errorText(readObject(outcome.answer)) ?? 'no reason'
  const advice = status === 401 ? CREDENTIALS : ''
  throw unavailable(`${path}: ${outcome.node} HTTP ${status}: ${said}${advice}`)
}
