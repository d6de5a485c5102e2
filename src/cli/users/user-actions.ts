import { AuthError } from '../../errors.js'
import { print } from '../../text/standard-output.js'
import { mistake } from '../mistake.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags, ShowFlags } from '../sign-in/meta-flags.js'
import { output, outputJson, tableOptions } from '../terminal/output.js'
import { newPassword } from './new-password.js'
import type { NewPasswordFlags } from './new-password-flags.js'
import { named } from './permission-text.js'
import { requireName } from './require-name.js'
import { renderUser, renderUsers, userJson, userViews } from './user-view.js'

export function listUsers(flags: ShowFlags): Promise<void> {
  return runMetaCommand(flags, undefined, async (session) => {
    const editor = await session.open()
    const views = userViews(await editor.users(), await editor.roles())
    if (flags.json) await outputJson(views.map(userJson))
    else await output(renderUsers(views, tableOptions()))
  })
}

export function showUser(name: string, flags: ShowFlags): Promise<void> {
  return runMetaCommand(flags, `user ${named(name)}`, async (session) => {
    requireName('user', name)
    const editor = await session.open()
    const found = await editor.user(name)
    if (!found) throw new AuthError('ERR_NOT_FOUND', 'user not found')
    for (const view of userViews([found], await editor.roles())) {
      if (flags.json) await outputJson(userJson(view))
      else await output(renderUser(view, tableOptions()))
    }
  })
}

export function createUser(name: string, flags: MetaFlags & NewPasswordFlags): Promise<void> {
  return runMetaCommand(flags, `user ${named(name)}`, async (session) => {
    requireName('user', name)
    await session.signIn()
    const password = await newPassword(name, flags, session.terminal)
    const editor = await session.open()
    if (flags.generate) await print(`${password}\n`)
    await editor.createUser(name, password)
    await report(`user ${named(name)} created`, flags)
  })
}

/** @param given undefined: the user who signs in */
export function changePassword(
  given: string | undefined,
  flags: MetaFlags & NewPasswordFlags,
): Promise<void> {
  return runMetaCommand(flags, given && `user ${named(given)}`, async (session) => {
    const { username } = await session.signIn()
    const name = given ?? username
    if (name === undefined) throw mistake('name the user, or use --username')
    requireName('user', name)
    const password = await newPassword(name, flags, session.terminal)
    const editor = await session.open()
    if (flags.generate) await print(`${password}\n`)
    await editor.changePassword(name, password)
    await report(`password of user ${named(name)} changed`, flags)
  })
}

/**
 * Says what was done. A generated password is all that standard output gets, so that `$(…)` can take it; it was printed
 * before the change, so that it cannot get lost where standard output cannot be written.
 */
async function report(done: string, { generate }: NewPasswordFlags): Promise<void> {
  if (generate) process.stderr.write(`${done}; the password is shown only now\n`)
  else await output(`${done}\n`)
}
