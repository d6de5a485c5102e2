/** What a key of a profile holds. */
type Kind = 'text' | 'yes or no' | 'texts' | 'table of texts'

/** The tables of a profile, by their path below `[[profile]]`, and the keys of each, as influxctl has them. */
export const PROFILE_KEYS: ReadonlyMap<string, ReadonlyMap<string, Kind>> = new Map([
  [
    '',
    texts(
      'name',
      'product',
      'host',
      'port',
      'database',
      'token',
      'mgmt_token',
      'account_id',
      'cluster_id',
    ),
  ],
  [
    'auth.oauth2',
    new Map<string, Kind>([
      ...texts('client_id', 'client_secret', 'device_url', 'token_url'),
      ['scopes', 'texts'],
      ['parameters', 'table of texts'],
    ]),
  ],
  ['auth.token', texts('token_file')],
  [
    'tls',
    new Map<string, Kind>([
      ...texts('ca', 'cert', 'key'),
      ['insecure', 'yes or no'],
      ['disable', 'yes or no'],
    ]),
  ],
])

function texts(...names: string[]): ReadonlyMap<string, Kind> {
  return new Map(names.map((name) => [name, 'text']))
}

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: 'text in quotes',
  'yes or no': 'true or false',
  texts: 'a list of texts',
  'table of texts': 'a table of texts, such as { audience = "…" }',
}

/** What is wrong with a value, in words; undefined if nothing is. The value is not in it: it may be a secret. */
export function kindProblem(kind: Kind, value: unknown): string | undefined {
  return isKind(kind, value) ? undefined : `must be ${EXPECTED[kind]}`
}

function isKind(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string'
    case 'yes or no':
      return typeof value === 'boolean'
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    case 'table of texts':
      return isTable(value) && Object.values(value).every((item) => typeof item === 'string')
  }
}

/** Whether it is a table of TOML. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}
