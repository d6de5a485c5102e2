import { AuthError } from '../../errors.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags, ShowFlags } from '../sign-in/meta-flags.js'
import { output, outputJson, tableOptions } from '../terminal/output.js'
import { named } from './permission-text.js'
import { requireName } from './require-name.js'
import { renderRole, renderRoles, roleJson } from './role-view.js'

export function listRoles(flags: ShowFlags): Promise<void> {
  return runMetaCommand(flags, undefined, async (session) => {
    const editor = await session.open()
    const roles = await editor.roles()
    if (flags.json) await outputJson(roles.map(roleJson))
    else await output(renderRoles(roles, tableOptions()))
  })
}

export function showRole(name: string, flags: ShowFlags): Promise<void> {
  return runMetaCommand(flags, `role ${named(name)}`, async (session) => {
    requireName('role', name)
    const editor = await session.open()
    const found = await editor.role(name)
    if (!found) throw new AuthError('ERR_NOT_FOUND', 'role not found')
    if (flags.json) await outputJson(roleJson(found))
    else await output(renderRole(found, tableOptions()))
  })
}

export function createRole(name: string, flags: MetaFlags): Promise<void> {
  return runMetaCommand(flags, `role ${named(name)}`, async (session) => {
    requireName('role', name)
    const editor = await session.open()
    await editor.createRole(name)
    await output(`role ${named(name)} created\n`)
  })
}

export function renameRole(name: string, newName: string, flags: MetaFlags): Promise<void> {
  return runMetaCommand(flags, `role ${named(name)}`, async (session) => {
    requireName('role', name)
    requireName('role', newName)
    const editor = await session.open()
    await editor.renameRole(name, newName)
    await output(`role ${named(name)} is now ${named(newName)}\n`)
  })
}

export function changeMembers(
  action: 'add-user' | 'remove-user',
  name: string,
  users: readonly string[],
  flags: MetaFlags,
): Promise<void> {
  const isAdd = action === 'add-user'
  return runMetaCommand(flags, undefined, async (session) => {
    requireName('role', name)
    for (const user of users) requireName('user', user)
    const editor = await session.open()
    await editor[isAdd ? 'addUsers' : 'removeUsers'](name, users)
    const done = `${isAdd ? 'added' : 'removed'} ${users.map(named).join(', ')}`
    await output(`role ${named(name)}: ${done}\n`)
  })
}
