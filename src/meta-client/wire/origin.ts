/** A name or an IPv4 address, or an IPv6 address in brackets; then a port. */
const ADDRESS = /^(?:\[[\da-f:.]+\]|[^\s:/?#@%[\]\\]+):(\d{1,5})$/i

/**
 * The origin (RFC 6454) of a meta node given as `host:port`, IPv6 in brackets: case, default port and the
 * many spellings of an IP address made one, so that origins can be compared as text.
 *
 * @returns undefined if it is not an address
 */
export function parseAddress(scheme: 'http' | 'https', address: string): string | undefined {
  const port = Number(ADDRESS.exec(address)?.[1] ?? 0)
  const url = `${scheme}://${address}`
  return port > 0 && URL.canParse(url) ? new URL(url).origin : undefined
}

/**
 * The origins of meta nodes, each once.
 *
 * @throws TypeError if there is none, or an address is not `host:port`
 */
export function parseNodes(addresses: readonly string[], isTls: boolean): readonly string[] {
  const nodes = new Set<string>()
  for (const address of addresses) {
    const origin = parseAddress(isTls ? 'https' : 'http', address)
    if (origin === undefined) throw new TypeError('addresses must each be host:port')
    nodes.add(origin)
  }
  if (nodes.size === 0) throw new TypeError('addresses must hold at least one host:port')
  return [...nodes]
}

/**
 * The origin that a `Location` names (RFC 9110 §10.2.2).
 *
 * @returns undefined if there is none: no header, a relative reference, a URL with credentials
 */
export function parseLocation(location: string | undefined): string | undefined {
  if (location === undefined || !URL.canParse(location)) return undefined
  const { origin, username, password } = new URL(location)
  return username === '' && password === '' ? origin : undefined
}
