import type { IncomingMessage } from 'node:http'
import type { Authentication, Authenticator } from '../../../authn/authenticator.js'
import type { Credentials } from '../../../authn/credentials.js'
import { AuthError } from '../../../errors.js'
import { findInfluxdbCredentials, parseInfluxdbAuthorization } from './find-credentials.js'

/** Who calls, by what kind of proof. */
export interface Identity {
  readonly answer: Authentication | Promise<Authentication>
  readonly kind: Credentials['kind'] | undefined
  /** The name that comes with a password, whether or not it is true. */
  readonly claimed: string | undefined
}

export interface IdentifyOptions {
  readonly authenticator: Authenticator
  /** Where a request comes from, see `createClientNetwork`. */
  readonly originOf: (request: IncomingMessage) => string | undefined
  /** Whether bearer tokens that others sign can be checked at all. */
  readonly takesBearer: boolean
}

/** A function that tells who sends a request, in InfluxDB's words; known at once for a remembered user. */
export function createIdentify({ authenticator, originOf, takesBearer }: IdentifyOptions) {
  return function identify(req: IncomingMessage): Identity {
    const found = findInfluxdbCredentials(req.rawHeaders, req.url ?? '')
    if (found instanceof AuthError) return refused(found)
    const header = typeof found === 'string' ? found : undefined
    const known = header === undefined ? undefined : authenticator.recall?.(header)
    if (known) {
      return { answer: known, kind: known.kind ? 'token' : 'password', claimed: known.name }
    }
    const credentials = typeof found === 'string' ? parseInfluxdbAuthorization(found) : found
    if (credentials instanceof AuthError) return refused(credentials)
    const { kind } = credentials
    if (kind === 'bearer' || kind === 'subscription') return identifyByBearer(credentials, req)
    const answer = authenticator.authenticate(credentials, header, originOf(req))
    return { answer, kind, claimed: kind === 'token' ? credentials.claimed : credentials.name }
  }

  function identifyByBearer(credentials: Credentials, req: IncomingMessage): Identity {
    if (!takesBearer) return refused(new AuthError('ERR_TOKEN_INVALID', 'bearer auth disabled'))
    const answer = authenticator.authenticate(credentials, undefined, () => originOf(req))
    const worded = answer instanceof Promise ? answer.then(asInfluxdb) : asInfluxdb(answer)
    return { answer: worded, kind: 'bearer', claimed: undefined }
  }
}

const refused = (answer: AuthError): Identity => ({ answer, kind: undefined, claimed: undefined })

/** A good token of a user who does not exist: those who sign tokens may know that. */
function asInfluxdb(answer: Authentication): Authentication {
  if (!(answer instanceof AuthError) || answer.code !== 'ERR_CREDENTIALS_REJECTED') return answer
  const { token } = answer // for the log
  return new AuthError('ERR_CREDENTIALS_REJECTED', 'user not found', { token })
}
