import { Random } from './random.js'

/** A query and the text of its parameters. */
export interface Made {
  query: string
  params?: string
}

/** Makes InfluxQL up, from a seed: the same seed, the same texts. Most are right, some are mutated until they are not. */
export class InfluxqlGenerator extends Random {

  /** A query, some with parameters in the place of words. */
  question(): Made {
    const query = this.query()
    if (!this.chance(0.15)) return { query }
    const words = query.split(' ')
    for (let n = this.int(1, 2); n > 0; n--) {
      words.splice(this.int(1, words.length), 1, this.pick(['$p', '$p', '$q', '$"my p"', '$none', '$']))
    }
    // One bad one at most: which of two InfluxDB complains about is left to chance
    const bad = this.chance(0.04) ? this.pick(['p', 'q', 'my p']) : ''
    const entries = ['p', 'q', 'my p'].map((name) => `"${name}":${name === bad ? this.pick(BAD_PARAMETERS) : this.#parameter()}`)
    return { query: words.join(' '), params: `{${entries.join(', ')}}` }
  }

  #parameter(): string {
    return this.pick([
      () => JSON.stringify(this.pick(TEXTS)), () => this.pick(['1', '-5', '0', '1.5', '1.0', '-0.0', '2.5e3', '9223372036854775807', '-9223372036854775808']),
      () => this.pick(['true', 'false']), () => `{"${this.pick(['ident', 'identifier'])}":${JSON.stringify(this.pick(TEXTS))}}`,
      () => `{"regex":${JSON.stringify(this.pick(['a', '^a/b$', 'a\\/b', '(', 'a\nb', '']))}}`, () => `{"duration":${this.pick(['"1h"', '"-1h"', '60000000000', '"x"', '"1"', '0', '-1'])}}`,
      () => `{"${this.pick(['float', 'number', 'integer', 'int', 'string', 'duration'])}":${this.pick(['1', '1.5', '"x"', 'true', 'null'])}}`,
    ])()
  }

  /** A query, most often of one statement. */
  query(): string {
    const statements = this.#times(1, this.chance(0.1) ? 4 : 1, () => this.statement())
    const text = this.#maybe(0.5, () => ';') + statements.join(this.pick([';', '; ', ' ;\n', ';;'])) + this.#maybe(0.2, () => ';')
    return this.chance(0.35) ? this.#mutate(this.#recase(text.replace(/^;/, ''))) : this.#recase(text)
  }

  statement(): string {
    return this.pick([
      () => this.#select(0), () => this.#select(0), () => this.#select(0), () => this.#select(0),
      () => this.#show(), () => this.#show(), () => this.#admin(), () => this.#admin(),
    ])()
  }

  // --- chance: mulberry32

  #maybe(probability: number, make: () => string): string {
    return this.chance(probability) ? make() : ''
  }

  #times<T>(from: number, to: number, make: () => T): T[] {
    return Array.from({ length: this.int(from, to) }, make)
  }

  #list(from: number, to: number, make: () => string): string {
    return this.#times(from, to, make).join(this.pick([', ', ', ', ', ', ', ', ', ', ',', ' ,  ']))
  }

  // --- words

  #name(): string {
    return this.chance(0.75) ? this.pick(NAMES) : this.#quotedName()
  }

  #quotedName(): string {
    return `"${this.pick([...NAMES, ...ODD_NAMES])}"`
  }

  #string(): string {
    return `'${this.pick(STRINGS)}'`
  }

  #duration(): string {
    return this.#times(1, this.chance(0.2) ? 3 : 1, () => this.pick(COUNTS) + this.pick(this.chance(0.98) ? UNITS : BAD_UNITS)).join('')
  }

  #regex(): string {
    return `/${this.pick(this.chance(0.97) ? REGEXES : BAD_REGEXES)}/`
  }

  #integer(): string {
    return this.pick(INTEGERS)
  }

  #number(): string {
    return this.pick(NUMBERS)
  }

  // --- expressions

  #variable(): string {
    const path = this.#times(1, this.chance(0.1) ? 3 : 1, () => this.#name()).join(this.pick(['.', '.', '..']))
    return path + this.#maybe(0.15, () => `::${this.pick(['float', 'integer', 'unsigned', 'string', 'boolean', 'field', 'tag', 'FLOAT', '"float"', ...(this.chance(0.05) ? ['nosuch'] : [])])}`)
  }

  #operand(depth: number): string {
    return this.pick([
      () => this.#variable(), () => this.#variable(), () => this.#variable(),
      () => this.#integer(), () => this.#number(), () => this.#duration(), () => this.#string(),
      () => this.pick(['true', 'false', 'now()', '*', '*::tag', '*::field']),
      () => this.pick(['-', '+']) + this.pick(['', ' ']) + this.pick([() => this.#variable(), () => this.#integer(), () => this.#number(), () => this.#duration(), () => this.#call(depth + 1), () => `(${this.#operand(depth + 1)})`, () => (this.chance(0.1) ? this.#operand(depth + 1) : 'x')])(),
      () => (depth > 3 ? 'a' : `(${this.#expression(depth + 1)})`),
      () => (depth > 3 ? 'b' : this.#call(depth + 1)),
    ])()
  }

  #call(depth: number): string {
    const name = this.chance(0.9) ? this.pick(FUNCTIONS) : this.#quotedName()
    return `${name}(${this.#list(0, 2, () => (this.chance(0.1) ? this.#regex() : this.#expression(depth)))})`
  }

  #expression(depth: number): string {
    const space = this.pick([' ', ' ', ''])
    let text = this.#operand(depth)
    for (let n = this.pick([0, 0, 0, 1, 1, 2, 4]); n > 0; n--) {
      text += space + this.pick(['+', '-', '*', '/', '%', '&', '|', '^', '*', '/']) + space + this.#operand(depth)
    }
    return text
  }

  #comparison(depth: number): string {
    if (this.chance(0.15)) return `${this.#variable()} ${this.pick(['=~', '!~'])} ${this.#regex()}`
    if (this.chance(0.2)) return `time ${this.pick(['>', '>=', '<'])} now() ${this.pick(['-', '+'])} ${this.#duration()}`
    return `${this.#expression(depth)} ${this.pick(['=', '!=', '<>', '<', '<=', '>', '>='])} ${this.#expression(depth)}`
  }

  #condition(depth: number): string {
    const part = () => (depth < 3 && this.chance(0.15) ? `(${this.#condition(depth + 1)})` : this.#comparison(depth))
    return this.#times(1, 3, part).join(this.pick([' AND ', ' OR ']))
  }

  // --- clauses

  #source(depth: number): string {
    if (depth < 3 && this.chance(0.12)) return `(${this.#select(depth + 1)})`
    if (this.chance(0.12)) return this.pick(['', '', 'rp.', 'db..', 'db.rp.', '"d b"."r p".']) + this.#regex()
    return this.pick(['', '', '', 'db..', 'db.rp.', 'rp.', '"my db"."rp".', '"".', '""..']) + this.#name()
  }

  #from(): string {
    return `FROM ${this.#list(1, 2, () => this.#source(9))}`
  }

  #where(depth: number): string {
    return this.#maybe(0.4, () => ` WHERE ${this.#condition(depth)}`)
  }

  #groupBy(): string {
    const dimension = () => this.pick([
      () => `time(${this.#duration()})`, () => `time(${this.#duration()}, ${this.#expression(2)})`, () => this.#variable(), () => '*',
      () => this.#regex(), () => this.#expression(2),
    ])()
    return this.#maybe(0.4, () => ` GROUP BY ${this.#list(1, 2, dimension)}`)
  }

  #limits(words: readonly string[]): string {
    return words.map((word) => this.#maybe(0.15, () => ` ${word} ${this.#integer()}`)).join('')
  }

  #order(): string {
    return this.#maybe(0.15, () => ` ORDER BY ${this.pick(['time', 'time DESC', 'time ASC', 'DESC', 'ASC', '"time"', 'time', 'time ASC', 'DESC', ...(this.chance(0.1) ? ['host', 'time, time', 'time DESC, a'] : [])])}`)
  }

  #select(depth: number): string {
    const field = () => this.pick([
      () => this.#expression(depth), () => this.#call(depth), () => this.#variable(), () => this.#regex(), () => `DISTINCT ${this.#name()}`,
      () => `count(DISTINCT ${this.#name()})`, () => `${this.#expression(depth)} AS ${this.#name()}`,
      () => (this.chance(0.02) ? this.#comparison(depth) : '*'),
    ])()
    return (
      `SELECT ${this.#list(1, 3, field)}` +
      this.#maybe(0.12, () => ` INTO ${this.#target()}`) +
      ` FROM ${this.#list(1, 2, () => this.#source(depth))}` +
      this.#where(depth) + this.#groupBy() +
      this.#maybe(0.15, () => ` fill(${this.pick(['null', 'none', 'previous', 'linear', '0', '-1', '1.0', '0.5', '3', ...(this.chance(0.1) ? ["'x'", '1, 2', '', '1e21', '100000000000000000000000.0'] : [])])})`) +
      this.#order() + this.#limits(['LIMIT', 'OFFSET', 'SLIMIT', 'SOFFSET']) +
      this.#maybe(0.08, () => ` ${this.pick(['tz', 'TZ'])}(${this.pick(["'Europe/Berlin'", "'UTC'", "''", "'US/Eastern'", "'Local'", ...(this.chance(0.1) ? ["'No/Such'", "'Asia/Kolkata'", 'x', "'europe/berlin'"] : [])])})`)
    )
  }

  #target(): string {
    return this.pick(['m', 'rp.m', 'db.rp.m', 'db..m', 'rp.:MEASUREMENT', 'db.rp.:MEASUREMENT', 'db..:MEASUREMENT', '""', this.#name(), ...(this.chance(0.1) ? [':MEASUREMENT', 'a.b.c.d', 'm :MEASUREMENT', 'db.rp.""'] : [])])
  }

  #on(): string {
    return this.#maybe(0.4, () => ` ON ${this.#name()}`)
  }

  #tagKeys(): string {
    return this.pick([
      () => ` WITH KEY ${this.pick(['=', '!='])} ${this.#name()}`, () => ` WITH KEY IN (${this.#list(1, 3, () => this.#name())})`,
      () => ` WITH KEY ${this.pick(['=~', '!~'])} ${this.#regex()}`,
    ])()
  }

  #show(): string {
    const scope = () => this.#on() + this.#maybe(0.5, () => ` ${this.#from()}`)
    const page = () => this.#limits(['LIMIT', 'OFFSET'])
    return this.pick([
      () => `SHOW SERIES${this.#maybe(0.1, () => ' EXACT')}${scope()}${this.#where(2)}${this.#order()}${page()}`,
      () => `SHOW MEASUREMENTS${this.#on()}${this.#maybe(0.5, () => ` WITH MEASUREMENT ${this.pick(['=', '=~'])} ${this.#source(9)}`)}${this.#where(2)}${this.#order()}${page()}`,
      () => `SHOW TAG KEYS${scope()}${this.#where(2)}${this.#order()}${this.#limits(['LIMIT', 'OFFSET', 'SLIMIT', 'SOFFSET'])}`,
      () => `SHOW TAG VALUES${scope()}${this.#tagKeys()}${this.#where(2)}${this.#order()}${page()}`,
      () => `SHOW FIELD KEYS${scope()}${this.#order()}${page()}`,
      () => `SHOW ${this.pick(['SERIES', 'MEASUREMENT', 'TAG KEY', 'FIELD KEY'])}${this.#maybe(0.4, () => ' EXACT')} CARDINALITY${scope()}${this.#where(2)}${this.#groupBy()}${page()}`,
      () => `SHOW TAG VALUES${this.#maybe(0.4, () => ' EXACT')} CARDINALITY${scope()}${this.#tagKeys()}${this.#where(2)}${this.#groupBy()}${page()}`,
      () => `SHOW RETENTION POLICIES${this.#on()}`,
      () => `SHOW GRANTS FOR ${this.#name()}`,
      () => `SHOW ${this.pick(['STATS', 'DIAGNOSTICS'])}${this.#maybe(0.5, () => ` FOR ${this.#string()}`)}`,
      () => `SHOW ${this.pick(['DATABASES', 'USERS', 'QUERIES', 'CONTINUOUS QUERIES', 'SHARDS', 'SHARD GROUPS', 'SUBSCRIPTIONS'])}`,
    ])()
  }

  #policyDuration(): string {
    return this.pick([this.#duration(), this.#duration(), 'INF'])
  }

  #admin(): string {
    const name = this.#name()
    const on = ` ON ${this.#name()}`
    return this.pick([
      () => `CREATE USER ${name} WITH PASSWORD ${this.#string()}${this.#maybe(0.4, () => ' WITH ALL PRIVILEGES')}`,
      () => `SET PASSWORD FOR ${name} = ${this.#string()}`,
      () => `DROP ${this.pick(['USER', 'DATABASE', 'MEASUREMENT'])} ${name}`,
      () => `DROP ${this.pick(['CONTINUOUS QUERY', 'RETENTION POLICY'])} ${name}${on}`,
      () => `${this.pick(['DROP SHARD', 'KILL QUERY'])} ${this.#integer()}${this.#maybe(0.2, () => on)}`,
      () => `GRANT ${this.pick(['READ', 'WRITE', 'ALL', 'ALL PRIVILEGES'])}${this.#maybe(0.6, () => on)} TO ${name}`,
      () => `REVOKE ${this.pick(['READ', 'WRITE', 'ALL', 'ALL PRIVILEGES'])}${this.#maybe(0.6, () => on)} FROM ${name}`,
      () => `CREATE DATABASE ${name}${this.#maybe(0.6, () => ` WITH${this.#databaseOptions()}`)}`,
      () => `CREATE RETENTION POLICY ${name}${on} DURATION ${this.#policyDuration()} REPLICATION ${this.#integer()}${this.#maybe(0.4, () => ` SHARD DURATION ${this.#policyDuration()}`)}${this.#maybe(0.3, () => ' DEFAULT')}`,
      () => `ALTER RETENTION POLICY ${this.pick([name, 'DEFAULT'])}${on}${this.#times(1, 3, () => this.#alteration()).join('')}`,
      () => `CREATE SUBSCRIPTION ${name}${on}.${this.#name()} DESTINATIONS ${this.pick(['ALL', 'ANY'])} ${this.#list(1, 3, () => this.#string())}`,
      () => `DROP SUBSCRIPTION ${name}${on}.${this.#name()}`,
      () => `${this.pick(['DELETE', 'DROP SERIES'])}${this.#maybe(0.7, () => ` ${this.#from()}`)}${this.#where(2)}`,
      () => `EXPLAIN ${this.#maybe(0.4, () => 'ANALYZE ')}${this.#select(1)}`,
      () => this.#continuousQuery(name + on),
      () => this.#continuousQuery(name + on),
    ])()
  }

  #databaseOptions(): string {
    return (
      this.#maybe(0.5, () => ` DURATION ${this.#policyDuration()}`) + this.#maybe(0.4, () => ` REPLICATION ${this.#integer()}`) +
      this.#maybe(0.4, () => ` SHARD DURATION ${this.#policyDuration()}`) + this.#maybe(0.5, () => ` NAME ${this.#name()}`)
    )
  }

  #alteration(): string {
    return this.pick([` DURATION ${this.#policyDuration()}`, ` REPLICATION ${this.#integer()}`, ` SHARD DURATION ${this.#policyDuration()}`, ' DEFAULT'])
  }

  #continuousQuery(what: string): string {
    const resample = this.#maybe(0.4, () => ` RESAMPLE${this.#maybe(0.7, () => ` EVERY ${this.#duration()}`)}${this.#maybe(0.6, () => ` FOR ${this.#duration()}`)}`)
    const select = this.chance(0.7)
      ? `SELECT ${this.#call(2)} INTO ${this.#target()} FROM ${this.#list(1, 2, () => this.#source(1))}${this.#where(2)} GROUP BY ${this.pick([`time(${this.#duration()})`, `host, time(${this.#duration()})`, 'host', 'time()', 'time(1)'])}`
      : this.#select(1)
    return `CREATE CONTINUOUS QUERY ${what}${resample} BEGIN ${select} END`
  }

  // --- damage

  #recase(text: string): string {
    if (this.chance(0.8)) return text
    return [...text].map((char) => (this.chance(0.3) && /[A-Z]/.test(char) ? char.toLowerCase() : char)).join('')
  }

  #mutate(text: string): string {
    let mutated = text
    for (let n = this.pick([1, 1, 1, 2, 3]); n > 0; n--) {
      const at = this.int(0, mutated.length)
      const to = Math.min(at + this.int(1, 8), mutated.length)
      const before = mutated.slice(0, at)
      mutated = this.pick([
        () => before + mutated.slice(to),
        () => before + mutated.slice(at + 1),
        () => before + this.pick(BITS) + mutated.slice(at),
        () => before + this.pick(BITS) + mutated.slice(to),
        () => before + mutated.slice(at, to) + mutated.slice(at),
        () => this.#mutateWords(mutated),
      ])()
    }
    return mutated
  }

  #mutateWords(text: string): string {
    const words = text.split(' ')
    const at = this.int(0, words.length - 1)
    const from = this.int(0, words.length - 1)
    words.splice(at, this.int(0, 1), this.chance(0.5) ? this.pick(BITS) : (words[from] as string))
    return words.join(' ')
  }
}

const NAMES = [
  'a', 'b', 'cpu', 'host', 'value', 'time', 'h2o_feet', '_x', 'X1', 'fill', 'tz', 'null', 'db', 'rp', 'level_description', 'mean', 'e', 'u', 'ns',
]
const ODD_NAMES = [
  'select', 'FROM', 'a b', 'a.b', '', 'ünï', 'a\\"b', 'a\\\\b', 'a\\nb', "a'b", '1a', 'a-b', '日本', '😀', 'distinct', 'İ', 'a;b', '--', '/*', 'a$b', ':', 'ΑΣ', 'password',
]
const STRINGS = [
  '', 'a', 'a b', "it\\'s", 'say \\"x\\"', 'back\\\\slash', 'line\\nbreak', 'ünï', '😀', '2015-08-18T00:00:00Z', '--', ';', '/*x*/', '$p', '2015-08-18',
  'udp://127.0.0.1:9', '%41', '[REDACTED]', '\t',
]
const TEXTS = ['a', 'x y', "it's", 'say "x"', '', 'line\nbreak', 'ünï 😀', 'a\rb', 'a\0b', 'SELECT', 'time', '; DROP DATABASE d', 'back\\slash', 'fill', 'İ']
const BAD_PARAMETERS = ['null', '[1]', '{}', '{"a":1,"b":2}', '{"nosuch":1}', '1e5', '99999999999999999999', '1.0e999']
const COUNTS = ['1', '1', '10', '5', '0', '60', '90', '24', '7', '1000', '1500', '1', '2', '3', '12', '00', '106', '200000']
const UNITS = ['s', 'm', 'h', 'd', 'w', 'ms', 'u', 'µ', 'ns']
const BAD_UNITS = ['y', 'mm', 'H', 'n', 'μ']
const INTEGERS = [
  '0', '1', '2', '10', '42', '007', '1000', '2147483647', '2147483648', '9223372036854775807', '9223372036854775808', '18446744073709551615',
  '1', '5', '3', '4', '1', '2', '100', '1', '1', '1', '99999999999999999999999',
]
const NUMBERS = [
  '1.5', '0.1', '.5', '0.001', '0.0001', '1.', '100.25', '3.14159265358979', '0.0', '12345678901234567890.5', '0.000000000123', '1.0000001',
  '99999999999999999999999999.0', '0.125', '2.0', '1.0625',
]
const FUNCTIONS = [
  'mean', 'COUNT', 'Max', 'min', 'percentile', 'top', 'derivative', 'non_negative_derivative', 'now', 'time', 'distinct', 'DISTINCT', 'holt_winters', 'f',
]
const REGEXES = [
  'a', '^cpu$', '.*', 'a|b', '[a-z]+', '\\/path\\/', 'a\\.b', '(a|b)', '(?i)host', '\\d{3}', 'x{2,3}?', '(?P<n>a)', '[^a]', '', '[[:alpha:]]', '\\p{Greek}', '\\pL', 'ü',
  '\\x{41}', '\\Qa.b\\E*', 'a\\Q', 'a{,2}', '[a\\d-z]', '[\\d-z]', '\\12', '\\0', '(?i-s:a)', '\\z\\A\\b', 'x*?', '[]a]', '[^]a]', '😀+', '$^', 'a{01}', 'a{2', '(a{10}){100}',
]
const BAD_REGEXES = [
  '(', ')', '[', 'a**', '*', 'a{1001}', '(a{100}){11}', '\\', '\\8', '\\x4', '[z-a]', '(?<n>a)', '(?z)', '\\C', '[[:foo:]]', '\\p{Foo}', '\\p', '(?i', '+a', '|*', 'a{2}{3}', '(?:a', '\\1',
  '(?-)', 'a?*', '[a', '\\é',
]
const BITS = [
  ' ', '\n', '\t', '\r', '\r\n', ';', ',', '.', ':', '::', '(', ')', '"', "'", '\\', '/', '--', '/*', '*/', '$', '$p', '$"p"', '=', '=~', '!~', '!', '<', '>', '<>', '+', '-', '*', '%', '&', '|', '^',
  '0', '1', '1.5', '.', '1h', '5', '1s2', '_', 'x', 'é', '😀', '\u00a0', '{', '}', '[', ']', '~', '`', '#', '@', '?', "'s'", '"i"', '/r/', 'x"y"',
  'SELECT', 'FROM', 'WHERE', 'INTO', 'ON', 'TO', 'WITH', 'KEY', 'IN', 'AS', 'AND', 'OR', 'GROUP', 'BY', 'ORDER', 'LIMIT', 'DESC', 'ALL', 'DISTINCT', 'INF', 'TRUE', 'END', 'fill(', 'tz(',
  'MEASUREMENT', 'DURATION', 'DEFAULT', 'EXACT', 'CARDINALITY', 'PASSWORD', ':MEASUREMENT', 'now()',
]
