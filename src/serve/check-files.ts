import type { Config } from '../config/config.js'
import { isProviderSet } from '../config/oidc/is-provider-set.js'
import { AuthError } from '../errors.js'
import { checkLogFile } from '../log/check-log-file.js'
import { META_TLS, metaTlsPaths } from '../meta-client/from-config.js'
import { ETCD_TLS, etcdTlsPaths } from '../registry/etcd/etcd-from-config.js'
import { checkLmdbFiles } from '../registry/lmdb/check-lmdb-files.js'
import { checkDirectory } from '../registry/lmdb/data-directory.js'
import { checkTaskFile } from '../sample/task-file.js'
import { type ClientTlsPaths, readClientTls } from '../tls/client-tls-files.js'
import { readTlsFiles } from '../tls/server-tls-files.js'
import { requireStorePackage } from './meta-node/open-store.js'
import {
  INFLUXDB_TLS,
  influxdbServerTls,
  influxdbTlsPaths,
  KAPACITOR_TLS,
  kapacitorTlsPaths,
  serverTls,
} from './tls-paths.js'

/** What was found out about files: a line each, with section, key and path; nothing of their content. */
export interface FileReport {
  /** What `serve` refuses. */
  readonly problems: readonly string[]
  /** What the operator should know all the same. */
  readonly warnings: readonly string[]
}

/**
 * Checks every file and directory that the configuration names and that `serve` would use, and the package of the store, as
 * `serve` does, but makes nothing and opens nothing for writing. Those that only `meta-node`, or `user`, `role` and the
 * like would use are checked, too: their mistakes are warnings. Files of secrets have been read with the configuration.
 */
export async function checkFiles(config: Config, now: Date = new Date()): Promise<FileReport> {
  const { auth, http, meta, gateway, sample, audit } = config
  const hasMetaNode = auth.metaAddr.length === 0
  const asksMetaNodes = !hasMetaNode && http.authEnabled
  const isLmdb = meta.store === 'lmdb'
  const elsewhere = hasMetaNode ? undefined : '[auth] meta-addr names other meta nodes'
  const notAsked = asksMetaNodes ? undefined : 'it asks no other meta node'
  return joined([
    await ofServer('[http]', http, now),
    unused(elsewhere, await ofServer('[meta]', meta, now)),
    unused(
      elsewhere,
      isLmdb || !meta.etcdUseTls ? NOTHING : ofClient(ETCD_TLS, etcdTlsPaths(meta), now),
    ),
    unused(notAsked, auth.metaUseTls ? ofClient(META_TLS, metaTlsPaths(auth), now) : NOTHING),
    ofClient(KAPACITOR_TLS, kapacitorTlsPaths(gateway), now),
    await ofProvider(config, now),
    await packageOf(hasMetaNode, config),
    ofClient(INFLUXDB_TLS, influxdbTlsPaths(gateway), now),
    ...(await ofInfluxdb(config, now)),
    attempt(hasMetaNode && isLmdb, '[meta] dir: ', () => checkLmdbFiles(meta.dir)),
    attempt(gateway.kapacitorUrl === '', '[sample] dir: ', () => {
      checkDirectory(sample.dir)
      checkTaskFile(sample.dir)
    }),
    ofLog(http.logEnabled, '[http] access-log-path', http.accessLogPath),
    ofLog(audit.enabled, '[audit] path', audit.path),
  ])
}

/** An authority only: the provider asks for no certificate. What checks tokens is loaded only where there is a provider. */
async function ofProvider({ oidc }: Config, now: Date): Promise<FileReport> {
  if (!isProviderSet(oidc)) return NOTHING
  const authority = ofClient('[oidc] ', { ca: oidc.ca, cert: '', key: '' }, now)
  if (authority.problems.length > 0) return authority
  const { checkProvider } = await import('../authn/subjects/provider-sign-in.js')
  return joined([authority, attempt(true, '', () => checkProvider(oidc))])
}

const NOTHING: FileReport = { problems: [], warnings: [] }

/** What InfluxDB's API uses, if it is served. */
async function ofInfluxdb({ gateway, influxdb }: Config, now: Date): Promise<FileReport[]> {
  if (gateway.influxdbUrl === '' || !influxdb.enabled) return []
  const files = influxdbServerTls(influxdb)
  return [
    files ? await readTlsFiles(files, 'influxdb.conf: [http]', now) : NOTHING,
    ofLog(influxdb.logEnabled, 'influxdb.conf: [http] access-log-path', influxdb.accessLogPath),
  ]
}

async function ofServer(
  title: string,
  section: Config['http'] | Config['meta'],
  now: Date,
): Promise<FileReport> {
  const files = serverTls(section)
  return files ? readTlsFiles(files, title, now) : NOTHING
}

function ofClient(prefix: string, paths: ClientTlsPaths | undefined, now: Date): FileReport {
  return paths ? readClientTls(prefix, paths, now) : NOTHING
}

function ofLog(isEnabled: boolean, option: string, path: string): FileReport {
  return attempt(isEnabled && path !== '', '', () => checkLogFile(path, option))
}

/** Of the store: `npm install --omit=optional` leaves it out. */
async function packageOf(isUsed: boolean, config: Config): Promise<FileReport> {
  const missing = isUsed ? await requireStorePackage(config).catch((error) => error) : undefined
  return attempt(missing !== undefined, `[meta] store = "${config.meta.store}": `, () => {
    throw missing
  })
}

function attempt(isUsed: boolean, title: string, work: () => void): FileReport {
  if (!isUsed) return NOTHING
  try {
    work()
    return NOTHING
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return { problems: [`${title}${error.message}`], warnings: [] }
  }
}

/** A file that `serve` does not use cannot keep it from starting: its mistakes are warnings. */
function unused(reason: string | undefined, { problems, warnings }: FileReport): FileReport {
  if (reason === undefined) return { problems, warnings }
  const all = [...problems, ...warnings]
  return { problems: [], warnings: all.map((line) => `${line} (not used by serve: ${reason})`) }
}

function joined(reports: readonly FileReport[]): FileReport {
  return {
    problems: reports.flatMap(({ problems }) => problems),
    warnings: reports.flatMap(({ warnings }) => warnings),
  }
}
