const HEADER = /^\s*\[\s*("[^"]*"|'[^']*'|[\w-]+)\s*\]\s*(?:#.*)?$/
/** A table within a section, which is a key of it: `[gateway.subscriptions-include]`. */
const TABLE_HEADER = /^\s*\[\s*([\w-]+)\s*\.\s*([\w-]+)\s*\]\s*(?:#.*)?$/
const ANY_HEADER = /^\s*\[/
const KEY = /^\s*("[^"]*"|'[^']*'|[\w-]+)\s*=/

/**
 * Finds the lines of keys in a TOML text, which the parser does not tell. Best effort: dotted keys and
 * inline tables are not found, nor is a key that seems to be there twice (one of them is inside a text of
 * several lines).
 *
 * @returns line numbers from 1 by full name, such as `auth.bcrypt-cost`; a section by its own name, a table within it as a key
 */
export function findLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const twice = new Set<string>()
  /** `''` before all sections; undefined in one that is not looked into. */
  let section: string | undefined = ''
  toml.split('\n').forEach((text, index) => {
    const header = HEADER.exec(text)
    const table = TABLE_HEADER.exec(text)
    const key = section === undefined ? undefined : KEY.exec(text)
    if (header) section = bare(header[1])
    else if (ANY_HEADER.test(text)) section = undefined
    const prefix = section === '' ? '' : `${section}.`
    const name = header
      ? section
      : table
        ? `${table[1]}.${table[2]}`
        : key
          ? `${prefix}${bare(key[1])}`
          : undefined
    if (name === undefined) return
    if (lines.has(name)) twice.add(name)
    lines.set(name, index + 1)
  })
  for (const name of twice) lines.delete(name)
  return lines
}

function bare(name = ''): string {
  return name.replace(/^["']|["']$/g, '')
}
