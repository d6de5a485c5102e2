import type { Command } from 'commander'
import type { Subject } from '../../meta-client/editor.js'
import type { MetaFlags } from '../sign-in/meta-flags.js'
import { addPermissionArguments, type PermissionFlags } from './permission-arguments.js'
import type { DeleteFlags } from './subject-actions.js'

/** Adds a command of that name to a group, with the flags that all of them have. */
type Add = (name: string, description: string) => Command

/** What the commands do is loaded when one of them runs. */
const actions = () => import('./subject-actions.js')

/** `delete`, for users and roles alike. */
export function addDeleteCommand(add: Add, subject: Subject, description: string): void {
  add('delete', description)
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(async (name: string, flags: DeleteFlags) =>
      (await actions()).deleteSubject(subject, name, flags),
    )
}

/** `grant` and `revoke`, for users and roles alike. */
export function addPermissionCommands(
  add: Add,
  subject: Subject,
  says: Readonly<Record<'grant' | 'revoke', string>>,
): void {
  for (const action of ['grant', 'revoke'] as const) {
    addPermissionArguments(add(action, says[action]).argument('<name>'), action).action(
      async (name: string, given: readonly string[], flags: MetaFlags & PermissionFlags) =>
        (await actions()).changePermissions(action, subject, name, given, flags),
    )
  }
}
