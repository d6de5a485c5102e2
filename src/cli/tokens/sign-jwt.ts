import type { Config } from '../../config/config.js'
import { escaped } from '../../text/printable.js'
import type { Secret } from '../../text/secret.js'
import type { Milliseconds } from '../../time.js'
import { signToken } from '../../token/sign-token.js'
import { mistake } from '../mistake.js'
import { output } from '../terminal/output.js'
import { readSecretFile } from '../terminal/read-secret.js'

export interface SignFlags {
  readonly username?: string
  readonly expires: Milliseconds
  readonly for: Reader
  readonly secretFile?: string
  readonly config?: string
  readonly influxdbConfig?: string
}

/** What accepts the token: Kapacitor's API, InfluxDB's, the meta node for users, the meta node for gateways and other nodes. */
type Reader = 'api' | 'influxdb' | 'meta' | 'node'

/** The keys that a reader's tokens are signed with; the first one that is set counts. */
const SECRETS: Readonly<
  Record<Reader, readonly (readonly [title: string, of: (config: Config) => Secret | undefined])[]>
> = {
  api: [['[http] shared-secret', ({ http }) => http.sharedSecret]],
  influxdb: [['[http] shared-secret of influxdb.conf', ({ influxdb }) => influxdb.sharedSecret]],
  meta: [['[meta] shared-secret', ({ meta }) => meta.sharedSecret]],
  node: [
    ['[auth] meta-internal-shared-secret', ({ auth }) => auth.metaInternalSharedSecret],
    ['[meta] internal-shared-secret', ({ meta }) => meta.internalSharedSecret],
  ],
}

/** The command: prints a token. */
export async function signJwt(flags: SignFlags): Promise<void> {
  const { username = '', expires } = flags
  const isNode = flags.for === 'node'
  if (isNode && flags.username !== undefined) {
    throw mistake('--for node: such a token has no user name; leave --username out')
  }
  if (!isNode && username === '')
    throw mistake('--username is missing: name the user the token is for')
  const secret = await secretOf(flags)
  const token = await signToken({ secret, username, expiresAt: Date.now() + expires })
  await output(`${token}\n`)
}

async function secretOf(flags: SignFlags): Promise<string> {
  if (flags.secretFile !== undefined) {
    const secret = readSecretFile('--secret-file', flags.secretFile)
    if (Buffer.byteLength(secret) < 16) {
      const where = `--secret-file ${escaped(flags.secretFile)}`
      throw mistake(`${where}: the secret is shorter than 16 bytes`)
    }
    return secret
  }
  const { configOf } = await import('../config-of.js')
  const { config: file, influxdbConfig } = flags
  const config = configOf({
    ...(file !== undefined && { config: file }),
    ...(influxdbConfig !== undefined && { influxdbConfig }),
  })
  const keys = SECRETS[flags.for]
  for (const [, of] of keys) {
    const secret = of(config)
    if (secret) return secret.reveal()
  }
  const titles = keys.map(([title]) => title).join(' and ')
  const verb = keys.length > 1 ? 'are' : 'is'
  throw mistake(`${titles} ${verb} not set: set the secret to sign with, or use --secret-file`)
}
