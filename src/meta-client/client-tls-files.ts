import { readFileSync } from 'node:fs'
import { AuthError } from '../errors.js'
import { type TlsMistake, tlsMistakes } from './tls-mistakes.js'

/** The paths of PEM files, for connections to others; `''` where there is none. */
export interface ClientTlsPaths {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** The PEM texts; without those that are not named. */
export interface ClientTls {
  ca?: string
  cert?: string
  key?: string
}

/** What the files hold, checked. */
export interface ClientTlsContent {
  readonly tls: ClientTls
  /** One line for each mistake, with key and path; nothing out of a file. */
  readonly problems: readonly string[]
}

const OPTIONS = ['ca', 'cert', 'key'] as const

/**
 * Reads CA, certificate and key, and checks that connections can be made with them.
 *
 * @param prefix what the keys' names begin with in messages: `[auth] meta-`
 */
export function readClientTls(prefix: string, paths: ClientTlsPaths): ClientTlsContent {
  const tls: ClientTls = {}
  const unreadable: TlsMistake[] = []
  for (const option of OPTIONS) {
    if (paths[option] === '') continue
    try {
      tls[option] = readFileSync(paths[option], 'utf8')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const says = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
      unreadable.push({ option, says })
    }
  }
  const others = tlsMistakes(tls).filter(
    ({ option }) => !unreadable.some((mistake) => mistake.option === option),
  )
  const problems = [...unreadable, ...others].map(
    ({ option, says }) => `${prefix}${option}: ${paths[option] && `${paths[option]} `}${says}`,
  )
  return { tls, problems }
}

/**
 * The PEM texts of CA, certificate and key.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, a line for each that is missing, unreadable or unusable, with key and path
 */
export function loadClientTls(prefix: string, paths: ClientTlsPaths): ClientTls {
  const { tls, problems } = readClientTls(prefix, paths)
  if (problems.length > 0) throw new AuthError('ERR_CONFIG_INVALID', problems.join('\n'))
  return tls
}
