import type { Command } from 'commander'
import { addMetaFlags, type MetaFlags, type ShowFlags } from '../sign-in/meta-flags.js'
import { addNewPasswordFlags, type NewPasswordFlags } from './new-password-flags.js'
import { addDeleteCommand, addPermissionCommands } from './subject-commands.js'

const EXAMPLES = `
Examples:
  kapacitor-auth user list --username admin
  kapacitor-auth user create ann --username admin
  kapacitor-auth user grant ann ReadData,WriteData --database telegraf --username admin
  kapacitor-auth user grant bob --all --meta-addr meta1:8091,meta2:8091 --username admin
  kapacitor-auth user passwd --username ann

The exit code is 0 on success, 2 if there is no such user, 1 otherwise.`

/** What the commands do is loaded when one of them runs. */
const actions = () => import('./user-actions.js')

/** `kapacitor-auth user …`: users at any meta node. */
export function addUserCommands(program: Command): void {
  const user = program
    .command('user')
    .description('list, show, create, change and delete users at any meta node')
    .addHelpText('after', EXAMPLES)
  const add = (name: string, description: string) =>
    addMetaFlags(user.command(name).description(description))

  add('list', 'all users, with their roles and their own permissions')
    .option('--json', 'print JSON')
    .action(async (flags: ShowFlags) => (await actions()).listUsers(flags))

  add('show', 'one user: permissions by database, and which role each comes from')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action(async (name: string, flags: ShowFlags) => (await actions()).showUser(name, flags))

  addNewPasswordFlags(add('create', 'a new user, without permissions').argument('<name>')).action(
    async (name: string, flags: MetaFlags & NewPasswordFlags) =>
      (await actions()).createUser(name, flags),
  )

  addNewPasswordFlags(
    add('passwd', "a new password; one's own if no name is given").argument('[name]'),
  ).action(async (name: string | undefined, flags: MetaFlags & NewPasswordFlags) =>
    (await actions()).changePassword(name, flags),
  )

  addDeleteCommand(add, 'user', 'a user, who is taken out of every role')
  addPermissionCommands(add, 'user', {
    grant: 'permissions to a user',
    revoke: "a user's own permissions",
  })
}
