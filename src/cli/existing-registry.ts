import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'

/**
 * Refuses to read a registry on this machine that was never made: to open it would make an empty one.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`
 */
export function requireRegistry({ meta }: Config): void {
  const { dir, store = 'lmdb' }: { dir: string; store?: string } = meta
  if (store !== 'lmdb' || existsSync(join(dir, 'data.mdb'))) return
  throw new AuthError('ERR_CONFIG_INVALID', `there is no registry in ${dir} ([meta] dir)`)
}
