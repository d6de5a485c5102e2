import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AuthError } from '../../errors.js'
import { parseJsonObject } from '../../text/json-object.js'
import { escaped } from '../../text/printable.js'
import { fileReason } from '../../text/text-file.js'
import type { OAuth2Profile } from '../profile/profile.js'
import { textField } from '../provider/answer-fields.js'
import type { TokenSet } from '../provider/token-set.js'
import {
  ensurePrivateFolder,
  readPrivateFile,
  removePartials,
  writePrivateFile,
} from './private-file.js'
import { type ProcessLockOptions, withProcessLock } from './process-lock.js'

/** The tokens of one login, kept between commands. */
export interface LoginStore {
  /** The file, for people. */
  readonly path: string

  /**
   * The login; undefined if there is none. Its tokens are undefined if it is over, and nobody has logged out.
   *
   * @throws AuthError one line, if others can read the file, or it is a link
   */
  read(): TokenSet | undefined

  /** Runs `work` while no other process changes the login. */
  locked<T>(work: (login: WritableLogin) => Promise<T>): Promise<T>

  /**
   * Forgets the login, once no other process changes it: a refresh under way would write it back. What a process that
   * died while it wrote has left goes, too: there are tokens in it.
   *
   * @returns false if there was none
   */
  remove(): Promise<boolean>
}

/** The login while it is locked. */
export interface WritableLogin {
  read(): TokenSet | undefined
  write(tokens: TokenSet): void
}

/** A login that is over, which only a new one or a logout ends. */
export const OVER: TokenSet = {
  accessToken: undefined,
  idToken: undefined,
  refreshToken: undefined,
  accessExpiresAt: undefined,
}

const VERSION = 1

/** @param folder for logins only; made when the first one is written */
export function createLoginStore(
  folder: string,
  profile: string,
  { clientId, tokenUrl }: Pick<OAuth2Profile, 'clientId' | 'tokenUrl'>,
  lock: ProcessLockOptions,
): LoginStore {
  const key = JSON.stringify([profile, clientId, tokenUrl])
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 32)
  const path = join(folder, `${digest}.json`)

  const read = () => {
    const text = readPrivateFile(path)
    return text === undefined ? undefined : (parseLogin(text) ?? OVER)
  }
  const write = (tokens: TokenSet) => {
    const login = { version: VERSION, profile, client_id: clientId, token_url: tokenUrl }
    writePrivateFile(path, `${JSON.stringify({ ...login, ...written(tokens) }, null, 2)}\n`)
  }

  return {
    path,
    read() {
      return read()
    },
    async locked(work) {
      ensurePrivateFolder(folder)
      return withProcessLock(path, () => work({ read, write }), lock)
    },
    async remove() {
      if (!existsSync(folder)) return false
      ensurePrivateFolder(folder)
      return withProcessLock(path, async () => removeLogin(path), lock)
    },
  }
}

function removeLogin(path: string): boolean {
  try {
    removePartials(path)
    rmSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    const message = `${escaped(path)} cannot be removed: ${fileReason(error)}`
    throw new AuthError('ERR_CONFIG_INVALID', message)
  }
}

function written({ accessToken, idToken, refreshToken, accessExpiresAt }: TokenSet): object {
  return {
    access_token: accessToken,
    id_token: idToken,
    refresh_token: refreshToken,
    ...(accessExpiresAt !== undefined && {
      access_expires_at: new Date(accessExpiresAt).toISOString(),
    }),
  }
}

/** Undefined for a file of another version, or a damaged one. */
function parseLogin(text: string): TokenSet | undefined {
  const object = parseJsonObject(text)
  if (object?.version !== VERSION) return undefined
  const expires = Date.parse(textField(object, 'access_expires_at') ?? '')
  return {
    accessToken: textField(object, 'access_token'),
    idToken: textField(object, 'id_token'),
    refreshToken: textField(object, 'refresh_token'),
    accessExpiresAt: Number.isNaN(expires) ? undefined : expires,
  }
}
