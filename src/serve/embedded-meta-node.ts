import { hostname } from 'node:os'
import { hashCost } from '../authn/passwords/configured-hashing.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import { createSignIn } from '../authn/sign-in.js'
import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import { createCallerCheck } from '../meta-node/caller.js'
import { createChangeFeed } from '../meta-node/change-feed.js'
import type { ClusterNode } from '../meta-node/cluster-documents.js'
import { createMetaNode } from '../meta-node/meta-node.js'
import { ensureAdmin } from '../registry/first-admin.js'
import { createRegistry, type Registry } from '../registry/registry.js'
import { type Listening, listen } from '../server/listen.js'
import { type Accounts, openAccounts } from './accounts.js'
import { serverTls } from './tls-paths.js'

/** The administrator of a first start; with the password, if it was made up. */
export interface FirstAdmin {
  readonly name: string
  readonly password: string | undefined
}

/** A meta node that runs in this process. */
export interface EmbeddedMetaNode {
  readonly listening: Listening

  /** Its users, for the guarded API beside it. */
  readonly accounts: Accounts

  /**
   * Makes the administrator if there are no users at all. To be called when everything else has started: a password
   * that is made up is told only here, and before it counts, so that it cannot be lost.
   */
  makeFirstAdmin(announce: (admin: FirstAdmin) => Promise<void>): Promise<void>

  close(): Promise<void>
}

/**
 * Opens the store, and listens.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line
 */
export async function startMetaNode(config: Config, logger: Logger): Promise<EmbeddedMetaNode> {
  const { auth, http, meta } = config
  const accounts = await openAccounts(config, { log: logger })
  const { store, hasher, directory } = accounts
  const cost = hashCost(meta)
  const signIn = createSignIn(directory, hasher, auth, cost)
  const changes = createChangeFeed(store)
  const closeParts = async () => {
    changes.close()
    signIn.close()
    await accounts.close()
  }
  try {
    const registry = createRegistry(store)
    const authenticate = createCallerCheck(signIn, meta)
    let self: ClusterNode = { address: meta.httpBindAddress, scheme: 'http' }
    const app = createMetaNode({
      registry,
      hasher,
      cost,
      passwordMinLength: meta.passwordMinLength,
      changes,
      log: (error: unknown) => logger.error({ err: error }, 'meta node'),
      cluster: () => ({ self, others: [] }),
      ...(authenticate && { authenticate }),
    })
    const server = await listen(app.callback(), {
      address: meta.httpBindAddress,
      option: '[meta] http-bind-address',
      tls: serverTls(meta),
      log: logger,
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
      makeFirstAdmin: (announce) => makeFirstAdmin(registry, hasher, meta, logger, announce),
      async close() {
        await listening.close(http.shutdownTimeout)
        await closeParts()
      },
    }
  } catch (error) {
    await closeParts()
    throw error
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

async function makeFirstAdmin(
  registry: Registry,
  hasher: PasswordHasher,
  meta: Config['meta'],
  logger: Logger,
  announce: (admin: FirstAdmin) => Promise<void>,
): Promise<void> {
  const { adminUsername: name, adminPassword } = meta
  const configured = adminPassword?.reveal()
  const made = await ensureAdmin(registry, hasher, {
    username: name,
    password: configured,
    cost: hashCost(meta),
    announce: (password) =>
      announce({ name, password: configured === undefined ? password : undefined }),
  })
  if (!made.created && made.announced) {
    const says =
      'another meta node has made the administrator: the password told here does not count'
    logger.warn({}, says)
  }
}
