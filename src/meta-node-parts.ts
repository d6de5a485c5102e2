// What a program that imports `kapacitor-auth/meta-node` may use: a meta node in its own process, or parts of one.
// The packages of a store (lmdb, @grpc/grpc-js) are loaded when it is opened.

export { createHasher, hashCost } from './authn/passwords/configured-hashing.js'
export { createSignIn, type SignIn } from './authn/sign-in.js'
export type { Caller } from './meta-node/access.js'
export { createCallerCheck } from './meta-node/caller.js'
export {
  type ChangeFeed,
  type ChangeFeedOptions,
  createChangeFeed,
} from './meta-node/change-feed.js'
export type { ChangeListener } from './meta-node/change-routes.js'
export { createMetaNode, type MetaNodeOptions } from './meta-node/meta-node.js'
export { createRegistry, type Registry } from './registry/registry.js'
export { createStoreDirectory } from './registry/registry-directory.js'
export type { Store } from './registry/store/store.js'
export type { Accounts } from './serve/meta-node/accounts.js'
export { type EmbeddedMetaNode, startMetaNode } from './serve/meta-node/embedded-meta-node.js'
export type { FirstAdmin } from './serve/meta-node/make-first-admin.js'
export { openStore } from './serve/meta-node/open-store.js'
