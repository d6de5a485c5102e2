import { hostname } from 'node:os'
import { createMetaNodeCounters, createMetrics, type MetricsSnapshot } from '../../admin/metrics.js'
import { hashCost } from '../../authn/passwords/configured-hashing.js'
import { createSignIn, type SignIn } from '../../authn/sign-in.js'
import type { Config } from '../../config/config.js'
import { parseAddress } from '../../config/kinds/address.js'
import { refuseForeignHost } from '../../http/foreign-host.js'
import type { Logger } from '../../log/logger.js'
import { createCallerCheck } from '../../meta-node/caller.js'
import { createChangeFeed } from '../../meta-node/change-feed.js'
import type { ClusterNode } from '../../meta-node/cluster-documents.js'
import { createMetaNode } from '../../meta-node/meta-node.js'
import { refusedUnasked } from '../../middleware/decision.js'
import { hasAdmin } from '../../registry/last-admin.js'
import { createRegistry, type Registry } from '../../registry/registry.js'
import { type Listening, listen } from '../../server/listen.js'
import { serverTls } from '../tls-paths.js'
import { type Accounts, openAccounts } from './accounts.js'
import { type FirstAdmin, makeFirstAdmin } from './make-first-admin.js'
import { type MetaNodeLogs, openMetaNodeLogs } from './meta-node-logs.js'

/** A meta node that runs in this process. */
export interface EmbeddedMetaNode {
  readonly listening: Listening

  /** Its users, for the API beside it. */
  readonly accounts: Accounts

  readonly registry: Registry
  readonly signIn: SignIn

  /** Hears what became of each change that is made beside the meta node: audit log and metrics. */
  readonly onChange: MetaNodeLogs['onChange']

  /**
   * Makes the administrator if there are no users at all. To be called when everything else has started: a generated password
   * is shown only here, and before it counts, so that it cannot be lost.
   */
  makeFirstAdmin(announce: (admin: FirstAdmin) => Promise<void>): Promise<void>

  /** Whether there is an administrator; a query makes the first one where `[meta] first-admin` says so. */
  hasAdministrator(): Promise<boolean>

  /**
   * Goes on with another identity provider, or with other users of it.
   *
   * @throws AuthError `ERR_CONFIG_INVALID` if its `ca` cannot be used
   */
  useProvider(oidc: Config['oidc']): void

  /** The metrics as plain data, to be merged with those of the API beside it. */
  snapshot(): Promise<MetricsSnapshot>

  /** Opens log files and certificates again, the logs as this configuration says. */
  reopen(config: Config): Promise<void>

  close(): Promise<void>
}

export interface MetaNodeStart {
  /** Whether nothing else in this process counts for metrics. @default false */
  readonly isAlone?: boolean
}

/**
 * Opens the store, and listens.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line
 */
export async function startMetaNode(
  config: Config,
  logger: Logger,
  { isAlone = false }: MetaNodeStart = {},
): Promise<EmbeddedMetaNode> {
  const accounts = await openAccounts(config, { log: logger })
  try {
    const logs = openMetaNodeLogs(config, logger)
    try {
      return await listenOver(accounts, logs, config, logger, isAlone)
    } catch (error) {
      await logs.close()
      throw error
    }
  } catch (error) {
    await accounts.close()
    throw error
  }
}

/** Where `[meta] auth-enabled` is false. */
const ADVICE =
  'unknown host name: ask by IP address, or add the name to [meta] allowed-hosts of the meta node'

async function listenOver(
  accounts: Accounts,
  logs: MetaNodeLogs,
  config: Config,
  logger: Logger,
  isAlone: boolean,
): Promise<EmbeddedMetaNode> {
  const { auth, http, meta } = config
  const { store, hasher, directory, provider } = accounts
  const cost = hashCost(meta)
  const signIn = createSignIn(directory, hasher, auth, { usual: cost, provider })
  const changes = createChangeFeed(store)
  provider.subjects.watch(() => changes.recheck())
  const registry = createRegistry(store)
  const metrics = isAlone
    ? createMetrics({ stats: () => statsOf(signIn, accounts) })
    : createMetaNodeCounters()
  const authenticate = createCallerCheck(signIn, meta)
  let self: ClusterNode = { address: meta.httpBindAddress, scheme: 'http' }

  const onDecision: MetaNodeLogs['onDecision'] = (asked, decision) => {
    metrics.onDecision(asked, decision)
    logs.onDecision(asked, decision)
  }
  const onChange: MetaNodeLogs['onChange'] = (source, change) => {
    metrics.onChange(source, change)
    logs.onChange(source, change)
  }
  const names = [parseAddress(meta.httpBindAddress)?.host ?? '', hostname(), ...meta.allowedHosts]
  const app = createMetaNode({
    registry,
    hasher,
    cost,
    passwordMinLength: meta.passwordMinLength,
    restrictUserManagement: meta.restrictUserManagement,
    attempts: signIn.attempts,
    // Without a provider of its own it does not know whom a gateway lists
    isSubjectListed: ({ subject }) =>
      !provider.verifier || provider.subjects.list.groupOf(subject) !== undefined,
    changes,
    access: logs.access,
    onDecision,
    onChange,
    log: (error: unknown) => logger.error({ err: error }, 'a request to the meta node failed'),
    cluster: () => ({ self, others: [] }),
    ...(authenticate
      ? { authenticate }
      : { refuseHost: (header: string | undefined) => refuseForeignHost(header, names, ADVICE) }),
  })

  async function closeParts(): Promise<void> {
    changes.close()
    signIn.close()
  }

  try {
    const server = await listen(app.callback(), {
      address: meta.httpBindAddress,
      option: '[meta] http-bind-address',
      tls: serverTls(meta),
      log: logger,
      onRefusal: (refusal, asked) => onDecision(asked, refusedUnasked(refusal, 'meta')),
    })
    const listening: Listening = {
      ...server,
      close(patience) {
        changes.close() // They would not end by themselves
        return server.close(patience)
      },
    }
    self = nodeAt(server.url, meta.httpBindAddress)
    return {
      listening,
      accounts,
      registry,
      signIn,
      onChange,
      makeFirstAdmin: (announce) =>
        makeFirstAdmin({ registry, hasher, meta, logger, announce, onChange }),
      hasAdministrator: () => store.read(hasAdmin),
      useProvider: (oidc) => provider.use(oidc),
      snapshot: () => metrics.snapshot(),
      async reopen(next) {
        await Promise.all([server.reloadTls(), logs.reopen(next)])
      },
      async close() {
        await listening.close(http.shutdownTimeout)
        await closeParts()
        await accounts.close()
        await logs.close()
      },
    }
  } catch (error) {
    await closeParts()
    throw error
  }
}

function statsOf({ cache, provider }: SignIn, { hasher }: Accounts) {
  return {
    provider: provider?.status(),
    cached: cache.size,
    evictions: cache.evictions,
    hashing: hasher.running,
    waiting: hasher.waiting,
  }
}

/** Where others reach what listens on `url`: by the machine's name, if on every address. */
function nodeAt(url: string, bindAddress: string): ClusterNode {
  const { protocol, hostname: host, port } = new URL(url)
  const isEverywhere = /^(?:0\.0\.0\.0|\[::\])?:\d+$/.test(bindAddress)
  return {
    address: `${isEverywhere ? hostname() : host}:${port}`,
    scheme: protocol === 'https:' ? 'https' : 'http',
  }
}
