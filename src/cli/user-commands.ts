import type { Command } from 'commander'
import { AuthError } from '../errors.js'
import { runMetaCommand } from './meta-command.js'
import { addMetaFlags, type MetaFlags } from './meta-flags.js'
import { mistake } from './mistake.js'
import { addNewPasswordFlags, type NewPasswordFlags, newPassword } from './new-password.js'
import { output, outputJson, tableOptions } from './output.js'
import { named } from './permission-text.js'
import { requireName } from './require-name.js'
import { addDeleteCommand, addPermissionCommands } from './subject-commands.js'
import { renderUser, renderUsers, userJson, userViews } from './user-view.js'

const EXAMPLES = `
Examples:
  kapacitor-auth user list --username admin
  kapacitor-auth user create ann --username admin
  kapacitor-auth user grant ann ReadData,WriteData --database telegraf --username admin
  kapacitor-auth user grant bob --all --meta-addr meta1:8091,meta2:8091 --username admin
  kapacitor-auth user passwd --username ann

The exit code is 0 when it is done, 2 if there is no such user, else 1.`

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
    .action((flags: MetaFlags & { json?: boolean }) =>
      runMetaCommand(flags, async (desk) => {
        const editor = await desk.open()
        const views = userViews(await editor.users(), await editor.roles())
        if (flags.json) await outputJson(views.map(userJson))
        else await output(renderUsers(views, tableOptions()))
      }),
    )

  add('show', 'one user: permissions by database, and which role each comes from')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action((name: string, flags: MetaFlags & { json?: boolean }) =>
      runMetaCommand(flags, async (desk) => {
        requireName('user', name)
        const editor = await desk.open()
        const found = await editor.user(name)
        if (!found) throw new AuthError('ERR_NOT_FOUND', 'user not found')
        for (const view of userViews([found], await editor.roles())) {
          if (flags.json) await outputJson(userJson(view))
          else await output(renderUser(view, tableOptions()))
        }
      }),
    )

  addNewPasswordFlags(add('create', 'a new user, without permissions').argument('<name>')).action(
    (name: string, flags: MetaFlags & NewPasswordFlags) =>
      runMetaCommand(flags, async (desk) => {
        requireName('user', name)
        await desk.signIn()
        const password = await newPassword(name, flags, desk.terminal)
        const editor = await desk.open()
        await editor.createUser(name, password)
        await tellPassword(`user ${named(name)} created`, flags, password)
      }),
  )

  addNewPasswordFlags(
    add('passwd', "a new password; one's own if no name is given").argument('[name]'),
  ).action((given: string | undefined, flags: MetaFlags & NewPasswordFlags) =>
    runMetaCommand(flags, async (desk) => {
      const { username } = await desk.signIn()
      const name = given ?? username
      if (name === undefined) throw mistake('whose password? Name the user, or use --username')
      requireName('user', name)
      const password = await newPassword(name, flags, desk.terminal)
      const editor = await desk.open()
      await editor.changePassword(name, password)
      await tellPassword(`password of user ${named(name)} changed`, flags, password)
    }),
  )

  addDeleteCommand(add, 'user', 'a user, who is taken out of every role')
  addPermissionCommands(add, 'user', {
    grant: 'permissions to a user',
    revoke: "a user's own permissions",
  })
}

/** A password that was made up is all that standard output gets, so that `$(…)` can take it. */
async function tellPassword(
  done: string,
  { generate }: NewPasswordFlags,
  password: string,
): Promise<void> {
  if (!generate) return output(`${done}\n`)
  process.stderr.write(`${done}; the password is shown only now\n`)
  await output(`${password}\n`)
}
