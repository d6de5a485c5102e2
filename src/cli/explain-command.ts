import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import type { Explanation } from '../admin/explain-endpoint.js'
import type { Reason, Source } from '../authz/explain-decision.js'
import { callerWord } from '../authz/shown-name.js'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import { isOwnToken, OWN_TOKEN_PREFIX } from '../text/own-token-form.js'
import { escaped } from '../text/printable.js'
import { formatDuration, type Milliseconds } from '../time.js'
import { digestOf } from '../token/own-token.js'
import { mistake } from './mistake.js'
import { output, outputJson } from './terminal/output.js'
import { readSecretFile } from './terminal/read-secret.js'

export interface ExplainFlags {
  /** A user's name, `oidc:` and a subject's id, `_token:` or `_sub:` and a token's. */
  readonly user?: string
  /** A file with an own token, instead. */
  readonly tokenFile?: string
  readonly method: string
  /** Undefined for a query. */
  readonly path?: string
  /** A query to InfluxDB. */
  readonly query?: string
  /** The database that it is sent with. */
  readonly db?: string
  /** `host:port` of a running server's admin listener. @default `[admin] bind-address` */
  readonly adminAddr?: string
  /** Print the answer as it came. */
  readonly json?: boolean
}

const PATIENCE: Milliseconds = 10_000

/** The exit codes of an answer; 1 is for errors, as with every other command. */
const ALLOWED = 0
const NOT_ALLOWED = 2

/**
 * The command: asks a running server whether a user may do something, and why, and prints the answer.
 *
 * @param load the configuration, of which the address is taken if no flag names it
 * @returns the exit code
 * @throws AuthError one line, if there is no answer
 */
export async function runExplain(
  flags: ExplainFlags,
  load: () => Promise<Config>,
): Promise<number> {
  const address = flags.adminAddr ?? addressOf(await load())
  const explanation = await ask(address, flags)
  if (flags.json) await outputJson(explanation)
  else await output(renderExplanation(explanation))
  return explanation.allowed ? ALLOWED : NOT_ALLOWED
}

/** @throws AuthError if it is neither a path nor a query, or both */
function parametersOf(flags: ExplainFlags): Record<string, string> {
  const { method, path, query, db } = flags
  if ((path === undefined) === (query === undefined)) {
    throw mistake('explain needs either --path or --query')
  }
  if (path !== undefined && !path.startsWith('/')) throw mistake('--path does not begin with /')
  const who = whoOf(flags)
  if (path !== undefined) return { ...who, method, path }
  return { ...who, query: query ?? '', ...(db !== undefined && { db }) }
}

/** A token never leaves this process: the server is asked about its digest. */
function whoOf({ user, tokenFile }: ExplainFlags): Record<string, string> {
  if ((user === undefined) === (tokenFile === undefined)) {
    throw mistake('explain needs either --user or --token-file')
  }
  if (user !== undefined) {
    if (!user.startsWith(OWN_TOKEN_PREFIX)) return { user }
    throw mistake('--user: that is a token, which others could read here; use --token-file')
  }
  const file = tokenFile ?? ''
  const token = readSecretFile('--token-file', file)
  if (isOwnToken(token)) return { token: digestOf(token) }
  throw mistake(
    `--token-file ${escaped(file)}: not an own token, which begins with kapa1_; for an identity provider's token, use --user oidc:ID`,
  )
}

/** Where a server with that configuration is asked. */
export function addressOf({ admin }: Pick<Config, 'admin'>): string {
  if (!admin.enabled) throw mistake('[admin] enabled is false: there is no admin listener to ask')
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(admin.bindAddress) ?? []
  if (port === '0')
    throw mistake('[admin] bind-address has port 0: name the address with --admin-addr')
  if (host === '[::]') return `[::1]:${port}`
  return `${host === '' || host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
}

async function ask(address: string, flags: ExplainFlags): Promise<Explanation> {
  const query = new URLSearchParams(parametersOf(flags))
  const url = `http://${address}/explain?${query}`
  if (!isPlain(url)) throw mistake(`--admin-addr ${escaped(address)} is not host:port`)
  let status: number | undefined
  let body: unknown
  try {
    ;({ status, body } = await getJson(url))
  } catch (cause) {
    const message = `no answer from the admin listener on ${address}: ${reasonOf(cause)}`
    throw new AuthError('ERR_CONFIG_INVALID', message, { cause })
  }
  if (status === 200 && isExplanation(body)) return body
  throw mistake(errorIn(body) ?? `${address} is not an admin listener: it answered ${status}`)
}

/** With an agent of its own, which takes no proxy from the environment. */
async function getJson(url: string): Promise<{ status: number | undefined; body: unknown }> {
  const req = get(url, { agent: new Agent(), signal: AbortSignal.timeout(PATIENCE) })
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  return { status: res.statusCode, body: await json(res) }
}

/** Whether the address has left everything else of the URL alone. */
function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { pathname, username, password } = new URL(url)
  return pathname === '/explain' && username === '' && password === ''
}

function isExplanation(body: unknown): body is Explanation {
  return typeof body === 'object' && body !== null && 'allowed' in body && 'reasons' in body
}

function errorIn(body: unknown): string | undefined {
  const isError = typeof body === 'object' && body !== null && 'error' in body
  return isError ? escaped(String(body.error)) : undefined
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'AbortError') return 'it took too long'
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return `nothing listens there; is the server running? (${code})`
  return code ?? 'the answer is not JSON'
}

/** Some lines for people. */
export function renderExplanation(explanation: Explanation): string {
  const { user, method, path, allowed, refusal, exemption, reasons, age } = explanation
  const lines = [`${user} ${allowed ? 'may' : 'may not'} ${method} ${path}`]
  const who = whoText(explanation)
  if (who !== undefined) lines.push(row('who', who))
  if (refusal !== undefined) lines.push(row('refused', refusal))
  if (exemption === 'off') lines.push(row('because', 'authentication is off: everybody may'))
  if (exemption === 'open') lines.push(row('because', 'the endpoint is open: everybody may'))
  let shown: string | undefined
  for (const reason of reasons) {
    if (reason.statement !== shown) lines.push(row('runs', reason.statement ?? ''))
    shown = reason.statement
    lines.push(...reasonLines(reason, callerWord(explanation)))
  }
  if (age !== undefined) lines.push(row('known', `for ${formatDuration(Math.round(age))}`))
  return `${lines.map(escaped).join('\n')}\n`
}

function whoText({ kind, group, owner, policy }: Explanation): string | undefined {
  if (kind === 'token') return `an own token of ${owner}`
  if (kind === 'subscription') return `a subscription's token, for retention policy ${policy}`
  if (kind !== 'subject') return undefined
  const roles = group === 'Admin' ? '' : '; roles by the groups in their token are not counted here'
  return `a subject of the identity provider, listed as ${group}${roles}`
}

function reasonLines(reason: Reason, caller: string): string[] {
  const { allowed, privilege, resource, decidedBy, held, sources } = reason
  if (privilege === 'none') return [row('needs', 'no privilege')]
  if (privilege === 'administrator') {
    return [row('needs', `an administrator, which they are${allowed ? '' : ' not'}`)]
  }
  return [
    row('needs', `${privilege} on ${resource}`),
    row('holds', decidedBy === undefined ? 'nothing there or above' : `${held} on ${decidedBy}`),
    ...sources.map((source) => row('', describe(source, caller))),
  ]
}

function describe({ permission, database, role, gives }: Source, caller: string): string {
  const scope = database === '' ? '' : ` on database ${database}`
  const through = role === undefined ? `granted to the ${caller}` : `through role ${role}`
  return `${gives} by ${permission}${scope}, ${through}`
}

const row = (label: string, text: string) => `  ${label.padEnd(8)} ${text}`
