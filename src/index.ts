// The front door: what a program that imports `kapacitor-auth` may use.

export {
  type Authentication,
  type Authenticator,
  type AuthenticatorOptions,
  createAuthenticator,
} from './authn/authenticator.js'
export {
  type CredentialCache,
  type CredentialCacheOptions,
  createCredentialCache,
} from './authn/cache/credential-cache.js'
export { type Credentials, parseCredentials } from './authn/credentials.js'
export { createAccount } from './authn/directory/account.js'
export type { Account, Directory } from './authn/directory/directory.js'
export { createListDirectory, type ListedUser } from './authn/directory/list-directory.js'
export { createMetaDirectory, type MetaDirectoryOptions } from './authn/directory/meta-directory.js'
export { type Attempts, type AttemptsOptions, createAttempts } from './authn/passwords/attempts.js'
export { type BcryptPoolOptions, createBcryptPool } from './authn/passwords/bcrypt-pool.js'
export type { CompareOptions, PasswordHasher, Requester } from './authn/passwords/hasher.js'
export {
  createPasswordCheck,
  type PasswordCheck,
  type PasswordCheckOptions,
} from './authn/passwords/password-check.js'
export { type HashCost, isUsableHash } from './authn/passwords/password-hash.js'
export type { Pbkdf2Cost } from './authn/passwords/pbkdf2-hash.js'
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
export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorOptions,
  type RefusedToken,
  type TokenRefusalReason,
} from './errors.js'
export {
  type InfluxdbAuth,
  type InfluxdbAuthOptions,
  influxdbAuth,
} from './gateway/influxdb/influxdb-auth.js'
export { createClientNetwork } from './http/client-network.js'
export type { Statement } from './influxql/ast/statement.js'
export { printRedacted, printStatement } from './influxql/print.js'
export type { Logger } from './log/logger.js'
export { createMetaClient, type MetaClient, type MetaClientOptions } from './meta-client/client.js'
export { accessLog } from './middleware/access-log.js'
export type { AuditLogOptions } from './middleware/audit-line.js'
export { auditLog } from './middleware/audit-log.js'
export { authentication } from './middleware/authentication.js'
export { authorization } from './middleware/authorization.js'
export { requestLine } from './middleware/check-request-line.js'
export { cors } from './middleware/cors.js'
export type { Decision, DecisionListener, Door } from './middleware/decision.js'
export { errorResponse } from './middleware/error-response.js'
export {
  type KapacitorAuth,
  type KapacitorAuthOptions,
  kapacitorAuth,
} from './middleware/kapacitor-auth.js'
export type { AuthStats } from './middleware/own-login.js'
export { type RequestIdOptions, requestId } from './middleware/request-id.js'
export { answerClientError } from './server/client-error.js'
export { createTokenVerifier, type TokenClaims, type TokenVerifier } from './token/shared-secret.js'
