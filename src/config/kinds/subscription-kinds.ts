import { quoted, shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { createKind, type Kind, type Reader, right, wrong } from './kind.js'
import { readText } from './kinds.js'

const readUrl = readText(urlProblem)

/** Where InfluxDB is to post to; empty if nowhere. The slash at its end is dropped. */
export const subscriptionUrl: Kind<string> = createKind({
  expected: 'http://host:port or https://host:port',
  typed(value) {
    const checked = readUrl(value)
    return checked.ok ? right(checked.value.replace(/\/$/, '')) : checked
  },
  show: (value) =>
    shown(typeof value === 'string' ? value.replace(/\/\/.*@/s, `//${MASK}@`) : value),
  print: quoted,
})

function urlProblem(text: string): string | undefined {
  if (text === '') return undefined
  if (/[\s\p{Cc}]/u.test(text)) return 'there is a space or a line break in it'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return ''
  if (url.username || url.password || text.includes('@')) return 'the gateway adds the credentials'
  if (url.pathname !== '/' || /[?#]/.test(text)) {
    return 'InfluxDB posts to /write, so there must be no path here'
  }
  return url.port === '0' ? 'port 0 cannot be connected to' : undefined
}

/** A retention policy of a database. */
export interface RetentionPolicy {
  readonly database: string
  readonly policy: string
}

const readTable: Reader<readonly RetentionPolicy[]> = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong()
  const policies: RetentionPolicy[] = []
  for (const [database, names] of Object.entries(value)) {
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
      return wrong(`${shown(database)} has no list of names`)
    }
    if (database === '' || names.includes('')) return wrong('a name is empty')
    // For Kapacitor, too, it is not "all of them", but nothing
    if (names.length === 0) return wrong(`${shown(database)} has an empty list`)
    for (const policy of new Set<string>(names)) policies.push({ database, policy })
  }
  return right(policies)
}

/** Databases and their retention policies, as Kapacitor's `[influxdb.subscriptions]`; as text in JSON. */
export const retentionPolicies: Kind<readonly RetentionPolicy[]> = createKind({
  expected:
    'a table of databases with lists of their retention policies such as { telegraf = ["autogen"] }; in a variable JSON such as {"telegraf": ["autogen"]}',
  typed: readTable,
  text(value) {
    try {
      return readTable(JSON.parse(String(value)))
    } catch {
      return wrong('it is not JSON')
    }
  },
  print(policies) {
    const byDatabase = new Map<string, string[]>()
    for (const { database, policy } of policies) {
      byDatabase.set(database, [...(byDatabase.get(database) ?? []), policy])
    }
    const entries = [...byDatabase].map(
      ([database, names]) => `${bareKey(database)} = [${names.map(quoted).join(', ')}]`,
    )
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  },
})

/** Without quotes where TOML needs none. */
function bareKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : quoted(name)
}
