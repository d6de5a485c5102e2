import { readFile } from 'node:fs/promises'
import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import { exportAll } from '../../meta-client/export.js'
import { metaClientOptions } from '../../meta-client/from-config.js'
import { parseExportedRoles, parseExportedUsers } from '../../registry/import/import-documents.js'
import type { Export } from '../../registry/import/plan-import.js'
import { escaped, shown } from '../../text/printable.js'
import { fileReason } from '../../text/text-file.js'
import { mistake } from '../mistake.js'

/** Where an export comes from: files, or a meta node. */
export interface ExportSource {
  readonly users?: string
  readonly roles?: string
  readonly from?: string
}

/** @throws AuthError that names the file or the meta node */
export async function readExport(
  config: Config,
  { users, roles, from }: ExportSource,
): Promise<Export> {
  if (from !== undefined) {
    const bodies = await ask(config, from)
    return {
      users: parse('GET /user', bodies.users, parseExportedUsers),
      roles: parse('GET /role', bodies.roles, parseExportedRoles),
    }
  }
  return {
    users: users === undefined ? [] : parse(users, await load(users), parseExportedUsers),
    roles: roles === undefined ? [] : parse(roles, await load(roles), parseExportedRoles),
  }
}

async function ask({ auth }: Config, from: string) {
  const [, scheme = 'http', address = ''] = /^(?:(https?):\/\/)?([^/?#@]+)\/?$/.exec(from) ?? []
  const { port } = URL.canParse(`http://${address}`) ? new URL(`http://${address}`) : { port: '' }
  if (port === '')
    throw mistake(`--from ${shown(from)} is not http://host:port or https://host:port`)
  const metaUseTls = scheme === 'https'
  try {
    return await exportAll(metaClientOptions({ ...auth, metaAddr: [address], metaUseTls }))
  } catch (error) {
    if (!(error instanceof AuthError) || !(error.cause instanceof Error)) throw error
    const message = `${error.message}: ${escaped(error.cause.message)}`
    throw new AuthError(error.code, message, { cause: error })
  }
}

async function load(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw mistake(`${escaped(path)} cannot be read: ${fileReason(cause)}`)
  }
}

function parse<T>(source: string, text: string, parser: (text: string) => T): T {
  try {
    return parser(text)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    throw new AuthError(error.code, `${escaped(source)}: ${error.message}; nothing was changed`)
  }
}
