import { mistake } from '../mistake.js'
import type { Terminal } from './terminal.js'

/**
 * Asks whether something is really to be done that cannot be undone.
 *
 * @param deed `delete user ann`
 * @param yes the flag: it is not asked
 * @throws AuthError if the answer is no, or nobody can be asked
 */
export async function askFirst(
  deed: string,
  yes: boolean | undefined,
  terminal: Terminal | undefined,
): Promise<void> {
  if (yes) return
  if (!terminal) throw mistake(`there is no terminal to ask on; to ${deed}, add --yes`)
  if (!(await terminal.confirm(`Really ${deed}? [y/N] `))) throw mistake('nothing was changed')
}
