import { InfluxqlGenerator } from './influxql-generator.js'
import { Random } from './random.js'

/** What a user may do: bits of READ (1) and WRITE (2) by database, '' for all of them; or everything. */
export interface FuzzUser {
  readonly name: string
  readonly password: string
  readonly isAdmin: boolean
  readonly rights: Readonly<Record<string, number>>
}

export const FUZZ_USERS: readonly FuzzUser[] = [
  { name: 'u-admin',    password: 'pw-admin-x9',    isAdmin: true,  rights: {} },
  { name: 'u-reader',   password: 'pw-reader-x9',   isAdmin: false, rights: { db: 1 } },
  { name: 'u-writer',   password: 'pw-writer-x9',   isAdmin: false, rights: { db: 2 } },
  { name: 'u-both',     password: 'pw-both-x9',     isAdmin: false, rights: { db: 3, a: 1 } },
  { name: 'u-two',      password: 'pw-two-x9',      isAdmin: false, rights: { db: 1, a: 2, cpu: 3 } },
  { name: 'u-role',     password: 'pw-role-x9',     isAdmin: false, rights: { db: 2, a: 3 } },
  { name: 'u-all-read', password: 'pw-all-read-x9', isAdmin: false, rights: { '': 1, a: 2 } },
  { name: 'u-nothing',  password: 'pw-nothing-x9',  isAdmin: false, rights: {} },
]

export interface FuzzRequest {
  readonly bytes: string
  readonly method: string
  /** Whom the credentials prove; undefined for nobody. */
  readonly user: FuzzUser | undefined
}

/** Makes requests to InfluxDB's API up, from a seed: most are as clients send them, many are not. */
export class InfluxdbFuzz extends Random {
  readonly #influxql: InfluxqlGenerator
  readonly #tokens: ReadonlyMap<string, string>

  /** @param tokens a good bearer token for each user's name */
  constructor(seed: number, tokens: ReadonlyMap<string, string>) {
    super(seed)
    this.#influxql = new InfluxqlGenerator(seed + 1)
    this.#tokens = tokens
  }

  next(): FuzzRequest {
    const user = this.pick(FUZZ_USERS)
    const claim = this.#claim(user)
    const path = this.#path()
    const isQuery = /quer/i.test(path)
    const method = this.chance(0.97) ? (isQuery ? this.pick(['GET', 'GET', 'POST']) : path.startsWith('/w') || path.includes('api') ? 'POST' : 'GET') : this.pick(['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    const url = [...claim.pairs]
    const body = isQuery ? this.#query(url, method) : this.#points(url)
    const { headers = [], content = '' } = body ?? {}
    const target = `${path}${url.length > 0 ? `?${this.#shuffled(url).join('&')}` : ''}`
    const lines = [
      `${method} ${target} HTTP/1.1`, 'Host: h', ...this.#shuffled([...claim.headers, ...headers, ...this.#oddHeaders()]),
      ...(content !== '' || method === 'POST' ? [`Content-Length: ${Buffer.byteLength(content, 'latin1')}`] : []),
    ]
    return { bytes: `${lines.join('\r\n')}\r\n\r\n${content}`, method, user: claim.user }
  }

  /** Text of a query. */
  #text(): string {
    if (this.chance(0.5)) return this.#influxql.query()
    const name = () => this.pick(['db', 'db', 'a', 'cpu', '"db"', '"a"', '""', '"d b"'])
    const source = () => this.pick(['m', 'm', 'm', `${name()}..m`, `${name()}.rp.m`, `(SELECT v FROM ${name()}..m)`, `${name()}../x/`, 'm, a..n'])
    const statement = () => this.pick([
      () => `SELECT v FROM ${source()}`, () => `SELECT mean(v) FROM ${source()} GROUP BY time(1m)`, () => `SELECT v INTO ${this.pick(['t', 'a..t', 'db.rp.t'])} FROM ${source()}`, () => `EXPLAIN SELECT v FROM ${source()}`,
      () => `SHOW MEASUREMENTS ON ${name()}`, () => `SHOW SERIES ON ${name()} FROM ${this.pick(['m', 'a..m', 'db.rp.m'])}`, () => 'SHOW TAG KEYS', () => `SHOW TAG VALUES FROM ${this.pick(['m', 'a..m'])} WITH KEY = x`, () => `SHOW FIELD KEYS FROM ${this.pick(['m', 'a..m'])}`,
      () => `SHOW ${this.pick(['SERIES', 'MEASUREMENT', 'TAG KEY', 'FIELD KEY'])}${this.pick(['', ' EXACT'])} CARDINALITY ON ${name()}`, () => 'SHOW SERIES EXACT CARDINALITY', () => `SHOW TAG VALUES CARDINALITY ON ${name()} FROM a..m WITH KEY = x`,
      () => `DELETE FROM m WHERE time < ${this.int(1, 99)}`, () => 'DROP SERIES FROM m', () => `DROP RETENTION POLICY p ON ${name()}`, () => `DROP CONTINUOUS QUERY c ON ${name()}`, () => 'DROP MEASUREMENT m',
      () => `CREATE CONTINUOUS QUERY c ON ${name()} BEGIN SELECT mean(v) INTO ${this.pick(['t', 'a..t', 'db..t'])} FROM ${this.pick(['m', 'a..m', 'db..m'])} GROUP BY time(1h) END`,
      () => 'SHOW DATABASES', () => 'SHOW QUERIES', () => 'SHOW CONTINUOUS QUERIES', () => `SHOW RETENTION POLICIES ON ${name()}`, () => `SHOW ${this.pick(['USERS', 'SHARDS', 'STATS', 'DIAGNOSTICS', 'SUBSCRIPTIONS', 'SHARD GROUPS'])}`, () => 'SHOW GRANTS FOR "u-reader"',
      () => `CREATE DATABASE ${name()}`, () => `DROP DATABASE ${name()}`, () => `GRANT READ ON ${name()} TO ghost`, () => 'DROP USER ghost', () => 'KILL QUERY 1',
    ])()
    const all = Array.from({ length: this.chance(0.2) ? this.int(2, 4) : 1 }, statement)
    return all.join(this.pick([';', '; ', ' ;\n', ' -- x\n;', '/* y */;']))
  }

  #query(url: string[], method: string): { headers: string[]; content: string } | undefined {
    const db = this.pick(['db', 'db', 'db', 'a', 'cpu', '', 'ghost', 'd b'])
    const form: string[] = []
    const into = () => (method === 'POST' && this.chance(0.5) ? form : url)
    const put = (list: string[], name: string, value: string) => void list.push(`${name}=${this.#encode(value)}`)
    if (this.chance(0.9)) put(into(), 'db', db)
    if (this.chance(0.98)) put(into(), 'q', this.#text())
    if (this.chance(0.1)) put(into(), 'q', this.#text())
    if (this.chance(0.1)) put(into(), 'db', this.pick(['db', 'a', '']))
    for (const [name, values] of PARAMETERS) if (this.chance(0.08)) put(into(), name, this.pick(values))
    if (this.chance(0.05)) into().push(this.pick(['x;q=SHOW%20USERS', 'q=%ZZ', '%71=SHOW+DATABASES', 'q%00=x', '&&', '=', 'q', 'Q=SHOW+USERS', 'db%5B%5D=a', 'd%62=a', 'db=db;db=a']))
    if (method !== 'POST') return this.chance(0.02) ? { headers: [FORM], content: 'q=SHOW+USERS&db=a' } : undefined
    if (this.chance(0.06)) return this.#multipart(form)
    return { headers: [this.chance(0.95) ? FORM : this.pick(ODD_TYPES)], content: form.join('&') }
  }

  #multipart(form: readonly string[]): { headers: string[]; content: string } {
    const parts = form.map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return `--XX\r\nContent-Disposition: form-data; name="${name}"${this.pick(['', '; filename="f"'])}\r\n\r\n${value.replaceAll('+', ' ').replace(/%(?![\da-f]{2})/gi, '%25')}\r\n`
    })
    return { headers: [`Content-Type: multipart/form-data; boundary=${this.pick(['XX', '"XX"', 'X'])}`], content: `${parts.join('')}--XX--\r\n` }
  }

  #points(url: string[]): { headers: string[]; content: string } {
    const db = () => this.#encode(this.pick(['db', 'a', 'cpu', 'ghost', '']))
    if (this.chance(0.95)) url.push(`${this.pick(['db', 'db', 'db', 'd%62', 'bucket'])}=${db()}`)
    if (this.chance(0.2)) url.push(`${this.pick(['db', 'rp', 'bucket', 'precision', 'x', 'q'])}=${db()}`)
    return { headers: this.chance(0.2) ? [this.pick([FORM, ...ODD_TYPES])] : [], content: 'm v=1 1\n' }
  }

  #path(): string {
    const roll = this.random()
    if (roll < 0.82) return '/query'
    return this.pick(roll < 0.94 ? OTHER_PATHS : ODD_PATHS)
  }

  /** Credentials in some form, and whom InfluxDB takes them for. */
  #claim(user: FuzzUser): { pairs: string[]; headers: string[]; user: FuzzUser | undefined } {
    const other = this.pick(FUZZ_USERS)
    const right = basicOf(user.name, user.password)
    const pair = (name: string, password: string) => [`u=${this.#encode(name)}`, `p=${this.#encode(password)}`]
    const roll = this.random()
    if (roll < 0.62) return { pairs: [], headers: [right], user }
    if (roll < 0.74) return { pairs: pair(user.name, user.password), headers: [], user }
    if (roll < 0.79) return { pairs: pair(user.name, user.password), headers: [basicOf(other.name, other.password)], user }
    if (roll < 0.83) return { pairs: [], headers: [`Authorization: Token ${user.name}:${user.password}`], user }
    if (roll < 0.87) return { pairs: [], headers: [`Authorization: Bearer ${this.#tokens.get(user.name)}`], user }
    const none = (headers: string[], pairs: string[] = []) => ({ pairs, headers, user: undefined })
    // Each costs a hash, which takes longer than all the rest
    if (this.chance(0.01)) return this.pick([() => none([basicOf(user.name, 'wrong')]), () => none([right], pair(user.name, 'wrong')), () => none([basicOf('u-ghost', 'pw')])])()
    return this.pick([
      () => none([]), () => none([`Authorization: Bearer ${this.#tokens.get(user.name)}x`]),
      () => none([`Authorization: bearer ${this.#tokens.get(user.name)}`]), () => none([right.replace('Basic ', 'Basic  ')]), () => none([right.replace(/=*$/, '~')]), () => none([], [`U=${user.name}`, `P=${user.password}`]), () => none([], [`u=${user.name};p=${user.password}`]),
      () => none([`X-Forwarded-User: ${user.name}`]), () => none([`Proxy-${right}`]), () => none([`Cookie: u=${user.name}; p=${user.password}`]), () => none(['Authorization: Negotiate x']),
      () => ({ pairs: [`u=${user.name}`], headers: [right], user }), () => ({ pairs: ['u=', `p=${other.password}`], headers: [right], user }), () => ({ pairs: [], headers: [right.replace('Basic', 'bAsIC')], user }), () => ({ pairs: [], headers: [right.replace('Authorization', 'authorization')], user }),
    ])()
  }

  #oddHeaders(): string[] {
    return this.chance(0.2) ? [this.pick(ODD_HEADERS)] : []
  }

  #encode(text: string): string {
    const encoded = encodeURIComponent(text.toWellFormed())
    return this.pick([
      () => encoded, () => encoded, () => encoded.replaceAll('%20', '+'),
      () => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
      () => encoded.replace(/%[\dA-F]{2}/g, (escaped) => escaped.toLowerCase()),
    ])()
  }

  #shuffled(items: readonly string[]): string[] {
    // Of two with one name the first counts: their order stays
    return this.chance(0.5) || new Set(items.map((item) => item.split(/[=:]/, 1)[0]?.toLowerCase())).size < items.length ? [...items] : [...items].reverse()
  }
}

const basicOf = (name: string, password: string) => `Authorization: Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

const FORM = 'Content-Type: application/x-www-form-urlencoded'
const ODD_TYPES = ['Content-Type: application/json', 'Content-Type: text/plain', 'Content-Type: APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8', 'Content-Type: multipart/form-data', 'Content-Type: ;', 'X-No: type']
const PARAMETERS: readonly [string, readonly string[]][] = [
  ['pretty', ['true', 'false']], ['chunked', ['true', 'false']], ['chunk_size', ['1', 'x']], ['epoch', ['ms', 'x', '']], ['params', ['{}', '{"p":"db"}', '{', '[]', '{"p":{"ident":"a"}}']], ['rp', ['rp', '']],
  ['node_id', ['1', 'x']], ['u', ['', 'u-admin']], ['p', ['']], ['token', ['x']], ['async', ['false', '1']], ['org', ['x']],
]
const OTHER_PATHS = ['/write', '/write', '/write', '/api/v2/write', '/api/v1/prom/write', '/api/v1/prom/read', '/api/v2/query', '/ping', '/status', '/health', '/metrics', '/debug/vars', '/debug/pprof/heap', '/debug/requests']
const ODD_PATHS = [
  '/query/', '//query', '/quer%79', '/query%2f', '/%2fquery', '/Query', '/query;x=1', '/query%00', '/query%3fq=SHOW+USERS', '/./query', '/x/../query', '/x/%2e%2e/query', '/query\\', '/query/x', '/w%72ite', '/write/', '//write', '/write%3Fdb=db', '/writ%C3%A9',
  '/api/v2//query', '/api/v2/query/', '/api', '/debug', '/debug/', '/debug/pprof/../vars', '/debug/varsx', '/debug/vars/', '/debug/pprof/%2e%2e/vars', '/', '/kapacitor/v1/write', '/kapacitor/v1/tasks', '/users', '/login', '/.well-known/x', '/%',
]
const ODD_HEADERS = [
  'X-HTTP-Method-Override: DELETE', 'X-Original-URL: /query?q=SHOW+USERS', 'X-Rewrite-URL: /debug/vars', 'X-Forwarded-User: u-admin', 'Remote-User: u-admin', 'Connection: Authorization, keep-alive', 'Accept: text/csv', 'Accept: application/x-msgpack', 'Accept-Encoding: gzip',
  'X-Influxdb-User: u-admin', 'Cookie: session=1', 'Proxy-Authorization: Basic eDp5', 'Accept: text/html', 'Origin: http://x', 'User-Agent: InfluxDBShell/1.6.7', 'Content-Encoding: gzip', 'Content-Encoding: identity', 'X-Request-Id: x',
]
