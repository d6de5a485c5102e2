import type { Command } from 'commander'
import { PERMISSIONS } from '../../authz/permission.js'

export interface PermissionFlags {
  readonly database?: readonly string[]
  readonly all?: boolean
}

/** Adds what `grant` and `revoke` take, behind the name. */
export function addPermissionArguments(command: Command, action: 'grant' | 'revoke'): Command {
  const all =
    action === 'grant'
      ? 'every permission, everywhere: makes an administrator'
      : 'every permission, everywhere, or on each --database'
  return command
    .argument('[permissions...]', 'such as ReadData,WriteData; case does not matter')
    .option(
      '--database <name>',
      'only on that database; may be given several times',
      (name: string, others: readonly string[] = []) => [...others, name],
    )
    .option('--all', all)
    .addHelpText('after', `\nPermissions:\n${wrapped(PERMISSIONS)}`)
}

function wrapped(names: readonly string[]): string {
  const rows: string[] = []
  for (let i = 0; i < names.length; i += 4) rows.push(`  ${names.slice(i, i + 4).join(' ')}`)
  return rows.join('\n')
}
