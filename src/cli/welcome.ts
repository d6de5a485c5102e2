import type { Config } from '../config/config.js'
import { VERSION } from '../version.js'
import type { EmbeddedMetaNode, FirstAdmin } from './embedded-meta-node.js'

/** What has been started, as far as it has. */
export interface Started {
  /** Where the guarded API listens. */
  readonly api?: string
  /** What stands behind it. */
  readonly guarded?: string
  readonly metaNode: EmbeddedMetaNode | undefined
  /** At the first start. */
  readonly admin?: FirstAdmin | undefined
}

/**
 * What is printed when everything listens. The administrator's password is in it at the first start, and never
 * again.
 */
export function welcome(config: Config, { api, guarded, metaNode, admin }: Started): string {
  const lines = [
    `kapacitor-auth ${VERSION}${config.file ? `, configured by ${config.file}` : ''}`,
    '',
  ]
  if (metaNode) {
    lines.push(
      `  meta node      ${metaNode.listening.url}   users and roles are in ${config.meta.dir}`,
    )
  } else if (config.http.authEnabled) {
    lines.push(`  meta nodes     ${config.auth.metaAddr.join(', ')}`)
  }
  if (api) lines.push(`  Kapacitor API  ${api}   ${guarded}`)
  lines.push('')
  if (metaNode && admin) lines.push(...firstSteps(metaNode.listening.url, admin, api), '')
  return `${lines.join('\n')}\n`
}

function firstSteps(meta: string, admin: FirstAdmin, api: string | undefined): string[] {
  const secret = admin.password ?? '<admin-password>'
  const known =
    admin.password === undefined
      ? `This is the first start. The administrator ${admin.name} was made, with the configured password.`
      : `This is the first start. The administrator was made; the password is shown only now:

  user      ${admin.name}
  password  ${admin.password}`
  const change = (body: object) =>
    `  curl --request POST ${meta}/user -u '${admin.name}:${secret}' \\\n    --data '${JSON.stringify(body)}'`
  const name = 'johndoe'
  const permissions = { '': ['KapacitorAPI', 'KapacitorConfigAPI'] }
  const ask = api ? [`  curl -i -u ${name}:Pa5sw0Rd ${api}/kapacitor/v1/tasks`] : []
  return [
    known,
    '',
    'Try, in another terminal:',
    '',
    ...(api ? [`  curl -i ${api}/kapacitor/v1/tasks`] : []),
    change({ action: 'create', user: { name, password: 'Pa5sw0Rd' } }),
    ...ask,
    change({ action: 'add-permissions', user: { name, permissions } }),
    ...ask,
  ]
}
