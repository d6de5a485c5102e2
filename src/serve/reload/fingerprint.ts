import { createHash } from 'node:crypto'
import { readRegularFile } from '../../text/regular-file.js'

/** Equal if, and only if, the files hold the same as before, or cannot be read for the same reason. `''` is not a file. */
export function fingerprintOf(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(digestOf(path)).update('\n')
  return hash.digest('hex')
}

function digestOf(path: string): string {
  if (path === '') return ''
  try {
    return createHash('sha256').update(readRegularFile(path).bytes).digest('hex')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
