import type { Config } from '../config/config.js'
import { VERSION } from '../version.js'
import type { EmbeddedMetaNode } from './meta-node/embedded-meta-node.js'
import type { FirstAdmin } from './meta-node/make-first-admin.js'
import { providerLine } from './provider-line.js'
import type { ServedDoor } from './serving-processes.js'

/** What has been started, as far as it has. */
export interface Started {
  readonly doors?: readonly ServedDoor[]
  readonly metaNode: EmbeddedMetaNode | undefined
  /** Where the admin listener is. */
  readonly adminUrl?: string | undefined
  /** At the first start. */
  readonly admin?: FirstAdmin | undefined
  /** Whether a query is to make the administrator. @default false */
  readonly isAdminMissing?: boolean
}

/** What is printed when everything listens; at the first start with the commands to try, and the password in them. */
export function welcome(
  config: Config,
  { doors = [], metaNode, adminUrl, admin, isAdminMissing = false }: Started,
): string {
  const row = (title: string, url: string, description: string) =>
    `  ${title.padEnd(13)}  ${url.padEnd(22)}  ${description}`
  const lines = [
    `kapacitor-auth ${VERSION}${config.file ? `, configured by ${config.file}` : ''}`,
    '',
  ]
  if (metaNode) {
    lines.push(
      row('meta node', metaNode.listening.url, `users and roles are in ${storeOf(config)}`),
    )
  } else if (config.http.authEnabled) {
    lines.push(`  meta nodes     ${config.auth.metaAddr.join(', ')}`)
  }
  for (const { title, url, description } of doors) {
    lines.push(row(title, url, description))
  }
  const provider = config.http.authEnabled ? providerLine(config) : undefined
  if (provider) lines.push(row('provider', provider.origin, provider.description))
  if (adminUrl) lines.push(row('admin', adminUrl, 'health, metrics, explanations'))
  lines.push('')
  const api = doors.find(({ name }) => name === 'kapacitor')?.url
  if (metaNode && admin) lines.push(...firstSteps(metaNode.listening.url, admin, api), '')
  if (isAdminMissing) {
    const influxdb = doors.find(({ name }) => name === 'influxdb')?.url
    lines.push(...queryForAdmin(config.meta, influxdb), '')
  }
  return `${lines.join('\n')}\n`
}

/** What to do where `[meta] first-admin = "query"`. */
function queryForAdmin(
  { adminUsername, firstAdminFrom }: Config['meta'],
  influxdb: string | undefined,
): string[] {
  const name = `"${adminUsername.replace(/[\\"]/g, '\\$&')}"`
  const query = `CREATE USER ${name} WITH PASSWORD '<password>' WITH ALL PRIVILEGES`
  const from = firstAdminFrom === 'loopback' ? ', on the machine where it runs' : ''
  if (influxdb === undefined) {
    return [
      'There is no administrator yet. Create one with this query to the InfluxDB API of',
      `kapacitor-auth serve${from}:`,
      '',
      `  ${query}`,
    ]
  }
  const quoted = `'${`q=${query}`.replaceAll("'", `'\\''`)}'`
  return [
    `There is no administrator yet. Create one${from && ', on this machine'}:`,
    '',
    `  curl --request POST ${influxdb}/query \\\n    --data-urlencode ${quoted}`,
  ]
}

function storeOf({ meta }: Config): string {
  if (meta.store === 'lmdb') return meta.dir
  return `etcd at ${meta.etcdEndpoints.join(', ')}, below ${meta.etcdPrefix}`
}

/** What is printed before the administrator of a first start is created. */
export function firstStart({ name, password }: FirstAdmin): string {
  return password === undefined
    ? `This is the first start. The administrator ${name} is created with the configured password.\n\n`
    : `This is the first start. The administrator is created; the password is shown only now:

  user      ${name}
  password  ${password}

`
}

function firstSteps(meta: string, admin: FirstAdmin, api: string | undefined): string[] {
  const secret = admin.password ?? '<admin-password>'
  const change = (body: object) =>
    `  curl --request POST ${meta}/user -u '${admin.name}:${secret}' \\\n    --data '${JSON.stringify(body)}'`
  const name = 'johndoe'
  const permissions = { '': ['KapacitorAPI', 'KapacitorConfigAPI'] }
  const ask = api ? [`  curl -i -u ${name}:Pa5sw0Rd ${api}/kapacitor/v1/tasks`] : []
  return [
    'Try, in another terminal:',
    '',
    ...(api ? [`  curl -i ${api}/kapacitor/v1/tasks`] : []),
    change({ action: 'create', user: { name, password: 'Pa5sw0Rd' } }),
    ...ask,
    change({ action: 'add-permissions', user: { name, permissions } }),
    ...ask,
  ]
}
