import type { Command } from 'commander'
import { addMetaFlags, type MetaFlags, type ShowFlags } from '../sign-in/meta-flags.js'
import { addDeleteCommand, addPermissionCommands } from './subject-commands.js'

const EXAMPLES = `
Examples:
  kapacitor-auth role list --username admin
  kapacitor-auth role create ops --username admin
  kapacitor-auth role grant ops KapacitorAPI --username admin
  kapacitor-auth role add-user ops ann bob --username admin

The exit code is 0 on success, 2 if there is no such role or user, 1 otherwise.`

/** What the commands do is loaded when one of them runs. */
const actions = () => import('./role-actions.js')

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
    .action(async (flags: ShowFlags) => (await actions()).listRoles(flags))

  add('show', 'one role: members, and permissions by database')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action(async (name: string, flags: ShowFlags) => (await actions()).showRole(name, flags))

  add('create', 'a new role, without members and permissions')
    .argument('<name>')
    .action(async (name: string, flags: MetaFlags) => (await actions()).createRole(name, flags))

  addDeleteCommand(add, 'role', 'a role; its members lose what they have through it')

  add('rename', 'a role; members and permissions stay')
    .argument('<name>')
    .argument('<new-name>')
    .action(async (name: string, newName: string, flags: MetaFlags) =>
      (await actions()).renameRole(name, newName, flags),
    )

  addPermissionCommands(add, 'role', {
    grant: 'permissions to a role',
    revoke: 'permissions of a role',
  })

  for (const action of ['add-user', 'remove-user'] as const) {
    add(action, action === 'add-user' ? 'users to a role' : 'users from a role')
      .argument('<name>', 'the role')
      .argument('<users...>')
      .action(async (name: string, users: readonly string[], flags: MetaFlags) =>
        (await actions()).changeMembers(action, name, users, flags),
      )
  }
}
