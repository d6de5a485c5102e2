// What a program that imports `kapacitor-auth/gateway` may use: to forward what the middleware has let in, over a server
// that is safe to expose.

export { createUpstream, type Upstream } from './gateway/connections/upstream.js'
export type { UpstreamOptions } from './gateway/connections/upstream-options.js'
export { type ForwardOptions, forward } from './gateway/forward.js'
export { isKapacitorStream } from './gateway/kapacitor/kapacitor-stream.js'
export type { Replacement, ReplacementBody } from './gateway/request/replacement.js'
export type { UpstreamAnswer, UpstreamOutcome } from './gateway/response/upstream-answer.js'
export { type ScreeningOptions, screening } from './gateway/screening.js'
export type { RefusalListener } from './server/client-error.js'
export type { ConnectionFailure, ConnectionFailureListener } from './server/connection-failures.js'
export { holdContinue, letContinue } from './server/expectation.js'
export { type Listening, type ListenOptions, listen } from './server/listen.js'
export { refuseConnect } from './server/refuse-connect.js'
export type { ServerLimits } from './server/server-limits.js'
export type { TlsFiles } from './tls/server-tls-files.js'
