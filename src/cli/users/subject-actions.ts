import type { Subject } from '../../meta-client/editor.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags } from '../sign-in/meta-flags.js'
import { askFirst } from '../terminal/ask-first.js'
import { output } from '../terminal/output.js'
import type { PermissionFlags } from './permission-arguments.js'
import { named, permissionSentence } from './permission-text.js'
import { permissionsOf } from './permissions-of.js'
import { requireName } from './require-name.js'

export interface DeleteFlags extends MetaFlags {
  readonly yes?: boolean
}

export function deleteSubject(subject: Subject, name: string, flags: DeleteFlags): Promise<void> {
  return runMetaCommand(flags, `${subject} ${named(name)}`, async (session) => {
    requireName(subject, name)
    await askFirst(`delete ${subject} ${named(name)}`, flags.yes, session.terminal)
    const editor = await session.open()
    await editor.remove(subject, name)
    await output(`${subject} ${named(name)} deleted\n`)
  })
}

/** @param given the permissions, as they were typed */
export function changePermissions(
  action: 'grant' | 'revoke',
  subject: Subject,
  name: string,
  given: readonly string[],
  flags: MetaFlags & PermissionFlags,
): Promise<void> {
  const isGrant = action === 'grant'
  return runMetaCommand(flags, `${subject} ${named(name)}`, async (session) => {
    requireName(subject, name)
    const permissions = permissionsOf(action, given, flags)
    const editor = await session.open()
    await editor[isGrant ? 'addPermissions' : 'removePermissions'](subject, name, permissions)
    const done = `${isGrant ? 'granted' : 'revoked'} ${permissionSentence(permissions)}`
    await output(`${subject} ${named(name)}: ${done}\n`)
  })
}
