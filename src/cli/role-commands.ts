import type { Command } from 'commander'
import { AuthError } from '../errors.js'
import { runMetaCommand } from './meta-command.js'
import { addMetaFlags, type MetaFlags } from './meta-flags.js'
import { output, outputJson, tableOptions } from './output.js'
import { named } from './permission-text.js'
import { requireName } from './require-name.js'
import { renderRole, renderRoles, roleJson } from './role-view.js'
import { addDeleteCommand, addPermissionCommands } from './subject-commands.js'

const EXAMPLES = `
Examples:
  kapacitor-auth role list --username admin
  kapacitor-auth role create ops --username admin
  kapacitor-auth role grant ops KapacitorAPI --username admin
  kapacitor-auth role add-user ops ann bob --username admin

The exit code is 0 when it is done, 2 if there is no such role or user, else 1.`

/** `kapacitor-auth role …`: roles at any meta node. */
export function addRoleCommands(program: Command): void {
  const role = program
    .command('role')
    .description('list, show, create, change and delete roles at any meta node')
    .addHelpText('after', EXAMPLES)
  const add = (name: string, description: string) =>
    addMetaFlags(role.command(name).description(description))

  add('list', 'all roles, with their members and permissions')
    .option('--json', 'print JSON')
    .action((flags: MetaFlags & { json?: boolean }) =>
      runMetaCommand(flags, async (desk) => {
        const editor = await desk.open()
        const roles = await editor.roles()
        if (flags.json) await outputJson(roles.map(roleJson))
        else await output(renderRoles(roles, tableOptions()))
      }),
    )

  add('show', 'one role: members, and permissions by database')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action((name: string, flags: MetaFlags & { json?: boolean }) =>
      runMetaCommand(flags, async (desk) => {
        requireName('role', name)
        const editor = await desk.open()
        const found = await editor.role(name)
        if (!found) throw new AuthError('ERR_NOT_FOUND', 'role not found')
        if (flags.json) await outputJson(roleJson(found))
        else await output(renderRole(found, tableOptions()))
      }),
    )

  add('create', 'a new role, without members and permissions')
    .argument('<name>')
    .action((name: string, flags: MetaFlags) =>
      runMetaCommand(flags, async (desk) => {
        requireName('role', name)
        const editor = await desk.open()
        await editor.createRole(name)
        await output(`role ${named(name)} created\n`)
      }),
    )

  addDeleteCommand(add, 'role', 'a role; its members lose what they have through it')

  add('rename', 'a role; members and permissions stay')
    .argument('<name>')
    .argument('<new-name>')
    .action((name: string, newName: string, flags: MetaFlags) =>
      runMetaCommand(flags, async (desk) => {
        requireName('role', name)
        requireName('role', newName)
        const editor = await desk.open()
        await editor.renameRole(name, newName)
        await output(`role ${named(name)} is now ${named(newName)}\n`)
      }),
    )

  addPermissionCommands(add, 'role', {
    grant: 'permissions to a role',
    revoke: 'permissions of a role',
  })

  for (const action of ['add-user', 'remove-user'] as const) {
    const isAdd = action === 'add-user'
    add(action, isAdd ? 'users to a role' : 'users from a role')
      .argument('<name>', 'the role')
      .argument('<users...>')
      .action((name: string, users: readonly string[], flags: MetaFlags) =>
        runMetaCommand(flags, async (desk) => {
          requireName('role', name)
          for (const user of users) requireName('user', user)
          const editor = await desk.open()
          await editor[isAdd ? 'addUsers' : 'removeUsers'](name, users)
          const done = `${isAdd ? 'added' : 'removed'} ${users.map(named).join(', ')}`
          await output(`role ${named(name)}: ${done}\n`)
        }),
      )
  }
}
