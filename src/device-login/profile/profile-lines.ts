const HEADER = /^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$/
const KEY = /^\s*([\w.-]+|"[^"]*"|'[^']*')\s*=/

/**
 * The lines of the keys and tables of a profile file, which the parser does not tell. Best effort: a key that seems to
 * be there twice (one of them is inside a text of several lines) is left out.
 *
 * @returns line numbers from 1, by the number of the profile (from 0), a colon, and the path: `0:auth.oauth2.client_id`;
 *   what stands before the first profile has no number: `:profiles`
 */
export function profileLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const twice = new Set<string>()
  let profile = -1
  let table = ''
  toml.split('\n').forEach((text, index) => {
    const header = HEADER.exec(text)
    if (header) {
      const [, brackets, name = ''] = header
      if (name === 'profile' && brackets === '[[') profile++
      table = name.replace(/^profile(?:\.|$)/, '')
    }
    const key = header ? undefined : KEY.exec(text)?.[1]?.replace(/^["']|["']$/g, '')
    if (!header && key === undefined) return
    const path = [table, key].filter(Boolean).join('.')
    const name = `${profile < 0 ? '' : profile}:${path}`
    if (lines.has(name)) twice.add(name)
    lines.set(name, index + 1)
  })
  for (const name of twice) lines.delete(name)
  return lines
}
