import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import { addNewPasswordFlags } from '../users/new-password-flags.js'
import type { BackupFlags } from './meta-backup.js'
import type { ImportFlags } from './meta-import.js'
import type { ResetAdminFlags } from './meta-reset-admin.js'
import type { RestoreFlags } from './meta-restore.js'

type Option = readonly [flags: string, description: string]

interface ConfigFlags {
  readonly config?: string
  readonly dataDir?: string
}

/** What all commands share. */
export interface SharedOptions {
  readonly config: Option
  readonly dataDir: Option
  /** Rejects with an AuthError if the configuration is wrong. */
  configOf(flags: ConfigFlags): Promise<Config>
}

/** `kapacitor-auth meta …`: the registry of the meta node as a whole. */
export function addMetaCommands(
  program: Command,
  { config, dataDir, configOf }: SharedOptions,
): void {
  const meta = program
    .command('meta')
    .description('back up, restore and import the users, roles and permissions of the meta node')

  meta
    .command('backup')
    .description(
      'write users, roles and permissions to a file as JSON lines, hashes included; servers may go on running',
    )
    .argument('<file>', 'the file, or - for standard output')
    .option(...config)
    .option(...dataDir)
    .option('--replace', 'replace a backup of a later state, or of more than twice the users')
    .action(async (file: string, flags: ConfigFlags & BackupFlags) => {
      const { runBackup } = await import('./meta-backup.js')
      return runBackup(await configOf(flags), file, flags)
    })

  meta
    .command('restore')
    .description(
      'replace users, roles and permissions by those of a backup; running servers see it',
    )
    .argument('<file>', 'the backup')
    .option('--replace', 'even if there are users or roles, which are lost')
    .option('--without-admin', 'even if nobody in the backup is an administrator')
    .option(...config)
    .option(...dataDir)
    .action(async (file: string, flags: ConfigFlags & RestoreFlags) => {
      const { runRestore } = await import('./meta-restore.js')
      return runRestore(await configOf(flags), file, flags)
    })

  meta
    .command('import')
    .description('add the users and roles of an InfluxDB Enterprise, hashes included')
    .option('--users <file>', "a meta node's answer to GET /user")
    .option('--roles <file>', "a meta node's answer to GET /role")
    .option(
      '--from <url>',
      'ask that meta node instead, http://host:8091, with the credentials and certificates of [auth] meta-…',
    )
    .option('--replace', 'overwrite users and roles that are there and not the same')
    .option('--skip-existing', 'leave users and roles that are there as they are')
    .option('--dry-run', 'print what would be done, and do nothing')
    .option('--without-admin', 'even if nobody is an administrator then')
    .option(...config)
    .option(...dataDir)
    .action(async (flags: ConfigFlags & ImportFlags) => {
      const { existingOf, runImport } = await import('./meta-import.js')
      existingOf(flags)
      return runImport(await configOf(flags), flags)
    })

  addNewPasswordFlags(
    meta
      .command('reset-admin')
      .description(
        'a new password and all permissions for an administrator, when nobody can sign in as one any more',
      )
      .option('--username <name>', 'the administrator (default: [meta] admin-username)')
      .option('--yes', 'do not ask first')
      .option(...config)
      .option(...dataDir),
  ).action(async (flags: ConfigFlags & ResetAdminFlags) => {
    const { runResetAdmin } = await import('./meta-reset-admin.js')
    return runResetAdmin(await configOf(flags), flags)
  })
}
