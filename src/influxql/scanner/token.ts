/** InfluxQL's keywords: reserved, so a name that looks like one must be quoted. */
const KEYWORDS = [
  'ALL',
  'ALTER',
  'ANALYZE',
  'AND',
  'ANY',
  'AS',
  'ASC',
  'BEGIN',
  'BY',
  'CARDINALITY',
  'CONTINUOUS',
  'CREATE',
  'DATABASE',
  'DATABASES',
  'DEFAULT',
  'DELETE',
  'DESC',
  'DESTINATIONS',
  'DIAGNOSTICS',
  'DISTINCT',
  'DROP',
  'DURATION',
  'END',
  'EVERY',
  'EXACT',
  'EXPLAIN',
  'FALSE',
  'FIELD',
  'FOR',
  'FROM',
  'GRANT',
  'GRANTS',
  'GROUP',
  'GROUPS',
  'IN',
  'INF',
  'INSERT',
  'INTO',
  'KEY',
  'KEYS',
  'KILL',
  'LIMIT',
  'MEASUREMENT',
  'MEASUREMENTS',
  'NAME',
  'OFFSET',
  'ON',
  'OR',
  'ORDER',
  'PASSWORD',
  'POLICIES',
  'POLICY',
  'PRIVILEGES',
  'QUERIES',
  'QUERY',
  'READ',
  'REPLICATION',
  'RESAMPLE',
  'RETENTION',
  'REVOKE',
  'SELECT',
  'SERIES',
  'SET',
  'SHARD',
  'SHARDS',
  'SHOW',
  'SLIMIT',
  'SOFFSET',
  'STATS',
  'SUBSCRIPTION',
  'SUBSCRIPTIONS',
  'TAG',
  'TO',
  'TRUE',
  'USER',
  'USERS',
  'VALUES',
  'WHERE',
  'WITH',
  'WRITE',
] as const

/** What stands between two expressions, and how tightly it binds: the higher, the tighter. */
const PRECEDENCE = {
  OR: 1,
  AND: 2,
  '=': 3,
  '!=': 3,
  '=~': 3,
  '!~': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '|': 4,
  '^': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  '&': 5,
} as const

export type Keyword = (typeof KEYWORDS)[number]
export type Operator = keyof typeof PRECEDENCE

/** A kind of token; a keyword, an operator and a punctuation mark are named as they are written. */
export type Token =
  | Keyword
  | Operator
  | 'ILLEGAL'
  | 'EOF'
  | 'WS'
  | 'COMMENT'
  | 'IDENT'
  | 'BOUNDPARAM'
  | 'NUMBER'
  | 'INTEGER'
  | 'DURATIONVAL'
  | 'STRING'
  | 'BADSTRING'
  | 'BADESCAPE'
  | 'REGEX'
  | 'BADREGEX'
  | '('
  | ')'
  | ','
  | ':'
  | '::'
  | ';'
  | '.'

const KEYWORD_BY_NAME = new Map<string, Keyword>(
  KEYWORDS.flatMap((word) => [[word, word] as const, [word.toLowerCase(), word] as const]),
)
const LONGEST = Math.max(...KEYWORDS.map((word) => word.length))
const PRECEDENCE_BY_TOKEN = new Map<string, number>(Object.entries(PRECEDENCE))

/** The tightest binding there is, that of `*` and `/`. */
export const TIGHTEST = PRECEDENCE['*']

/** The keyword that a bare word is, in any case; undefined for a name. */
export function keywordOf(word: string): Keyword | undefined {
  if (word.length > LONGEST) return undefined
  const keyword = KEYWORD_BY_NAME.get(word)
  return keyword === undefined && isMixedCase(word)
    ? KEYWORD_BY_NAME.get(word.toUpperCase())
    : keyword
}

/** Whether a word is of letters only, some of them small, some not. */
function isMixedCase(word: string): boolean {
  let hasSmall = false
  let hasCapital = false
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at)
    if (code >= 0x61 && code <= 0x7a) hasSmall = true
    else if (code >= 0x41 && code <= 0x5a) hasCapital = true
    else return false
  }
  return hasSmall && hasCapital
}

/** How tightly an operator binds; 0 for a token that is not an operator. */
export function precedenceOf(token: Token): number {
  return PRECEDENCE_BY_TOKEN.get(token) ?? 0
}

export function isOperator(token: Token): token is Operator {
  return PRECEDENCE_BY_TOKEN.has(token)
}
