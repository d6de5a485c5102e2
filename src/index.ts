// The front door: what a program that imports `kapacitor-auth` may use.
export { createAccount } from './authn/account.js'
export type { Asker } from './authn/asker.js'
export { type Attempts, type AttemptsOptions, createAttempts } from './authn/attempts.js'
export {
  type Authentication,
  type Authenticator,
  type AuthenticatorOptions,
  createAuthenticator,
} from './authn/authenticator.js'
export { type BcryptPoolOptions, createBcryptPool } from './authn/bcrypt-pool.js'
export {
  type CredentialCache,
  type CredentialCacheOptions,
  createCredentialCache,
} from './authn/credential-cache.js'
export { type Credentials, parseCredentials } from './authn/credentials.js'
export type { Account, Directory } from './authn/directory.js'
export type { CompareOptions, PasswordHasher } from './authn/hasher.js'
export { createListDirectory, type ListedUser } from './authn/list-directory.js'
export { createMetaDirectory, type MetaDirectoryOptions } from './authn/meta-directory.js'
export {
  createPasswordCheck,
  type PasswordCheck,
  type PasswordCheckOptions,
} from './authn/password-check.js'
export { type HashCost, isUsableHash } from './authn/password-hash.js'
export type { Pbkdf2Cost } from './authn/pbkdf2-hash.js'
export { createTokenCheck, type TokenCheck, type TokenCheckOptions } from './authn/token-check.js'
export type { Action } from './authz/action.js'
export { isAuthorized } from './authz/authorize.js'
export { canonicalPath } from './authz/canonical-path.js'
export {
  PERMISSIONS,
  type Permission,
  type Permissions,
  privilegesOf,
} from './authz/permission.js'
export { ALL, DELETE, NONE, type Privilege, READ, WRITE } from './authz/privilege.js'
export { apiResource, databaseResource, type Resource } from './authz/resource.js'
export type { User } from './authz/user.js'
export type { Config } from './config/config.js'
export { type LoadConfigOptions, loadConfig } from './config/load-config.js'
export { AuthError, type AuthErrorCode, type AuthErrorOptions } from './errors.js'
export { createMetaClient, type MetaClient, type MetaClientOptions } from './meta-client/client.js'
export { accessLog } from './middleware/access-log.js'
export { type AuditLogOptions, auditLog } from './middleware/audit-log.js'
export { authentication } from './middleware/authentication.js'
export { authorization } from './middleware/authorization.js'
export { answerClientError } from './middleware/client-error.js'
export { createClientNetwork } from './middleware/client-network.js'
export { cors } from './middleware/cors.js'
export type { Decision, DecisionListener } from './middleware/decision.js'
export { errorResponse } from './middleware/error-response.js'
export {
  type KapacitorAuth,
  type KapacitorAuthOptions,
  kapacitorAuth,
} from './middleware/kapacitor-auth.js'
export type { Logger } from './middleware/logger.js'
export type { AuthStats } from './middleware/own-login.js'
export { type RequestIdOptions, requestId } from './middleware/request-id.js'
export { requestLine } from './middleware/request-line.js'
export { createTokenVerifier, type TokenClaims, type TokenVerifier } from './token/shared-secret.js'
