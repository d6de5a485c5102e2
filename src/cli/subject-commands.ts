import type { Command } from 'commander'
import type { Subject } from '../meta-client/editor.js'
import { askFirst } from './ask-first.js'
import { runMetaCommand } from './meta-command.js'
import type { MetaFlags } from './meta-flags.js'
import { output } from './output.js'
import {
  addPermissionArguments,
  type PermissionFlags,
  permissionsOf,
} from './permission-arguments.js'
import { named, permissionSentence } from './permission-text.js'
import { requireName } from './require-name.js'

/** Adds a command of that name to a group, with the flags that all of them have. */
type Add = (name: string, description: string) => Command

/** `delete`, for users and roles alike. */
export function addDeleteCommand(add: Add, subject: Subject, description: string): void {
  add('delete', description)
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action((name: string, flags: MetaFlags & { yes?: boolean }) =>
      runMetaCommand(flags, async (desk) => {
        requireName(subject, name)
        await askFirst(`delete ${subject} ${named(name)}`, flags.yes, desk.terminal)
        const editor = await desk.open()
        await editor.remove(subject, name)
        await output(`${subject} ${named(name)} deleted\n`)
      }),
    )
}

/** `grant` and `revoke`, for users and roles alike. */
export function addPermissionCommands(
  add: Add,
  subject: Subject,
  says: Readonly<Record<'grant' | 'revoke', string>>,
): void {
  for (const action of ['grant', 'revoke'] as const) {
    const isGrant = action === 'grant'
    addPermissionArguments(add(action, says[action]).argument('<name>'), action).action(
      (name: string, given: readonly string[], flags: MetaFlags & PermissionFlags) =>
        runMetaCommand(flags, async (desk) => {
          requireName(subject, name)
          const permissions = permissionsOf(action, given, flags)
          const editor = await desk.open()
          await editor[isGrant ? 'addPermissions' : 'removePermissions'](subject, name, permissions)
          const done = `${isGrant ? 'granted' : 'revoked'} ${permissionSentence(permissions)}`
          await output(`${subject} ${named(name)}: ${done}\n`)
        }),
    )
  }
}
