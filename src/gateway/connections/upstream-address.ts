/** Where an upstream is. */
export interface UpstreamAddress {
  /** What requests say in `Host` (RFC 9110 §7.2): the upstream's own name, the port if it is not the scheme's. */
  readonly host: string
  /** `http://127.0.0.1:9192`, for people and for `Location`. */
  readonly origin: string
  readonly isSecure: boolean
  /** What `net.connect` and `tls.connect` take. */
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string }
}

/**
 * Reads `http://host:port`, `https://host:port` or `unix:/path/to.sock`.
 *
 * @throws TypeError for anything else: a path, a query or credentials in a URL would be ignored silently
 */
export function parseUpstreamAddress(url: string): UpstreamAddress {
  if (url.startsWith('unix:')) return parseSocketPath(url)
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new TypeError('url must be http://host:port, https://host:port or unix:/path')
  }
  if (parsed.username || parsed.password || parsed.search || parsed.hash) {
    throw new TypeError('url must have no credentials, query or fragment')
  }
  if (parsed.pathname !== '/') {
    throw new TypeError(
      'url must have no path: requests are forwarded with the path they came with',
    )
  }
  const isSecure = parsed.protocol === 'https:'
  const port = parsed.port === '' ? (isSecure ? 443 : 80) : Number(parsed.port)
  if (port === 0) throw new TypeError('url must have a port above 0')
  const at = { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port }
  return { host: parsed.host, origin: parsed.origin, isSecure, at }
}

function parseSocketPath(url: string): UpstreamAddress {
  const path = url.slice('unix:'.length)
  if (!path.startsWith('/') || path.includes('\0')) {
    throw new TypeError('url must name the socket by its absolute path: unix:/path/to.sock')
  }
  return { host: 'localhost', origin: 'http://localhost', isSecure: false, at: { path } }
}
