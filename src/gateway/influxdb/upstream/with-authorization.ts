import type { Upstream, UpstreamRequest } from '../../connections/upstream.js'

/** The same upstream, but each request signs in to it (RFC 7617): for an InfluxDB that keeps its own authentication on. */
export function withAuthorization(
  upstream: Upstream,
  username: string,
  password: string,
): Upstream {
  const value = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return Object.create(upstream, {
    request: {
      value: ({ method, target, headers }: UpstreamRequest, ...rest: unknown[]) =>
        // Behind Host: Node re-encodes some headers that come behind a Content-Length
        upstream.request(
          {
            method,
            target,
            headers: [...headers.slice(0, 2), 'Authorization', value, ...headers.slice(2)],
          },
          ...(rest as Rest),
        ),
    },
  }) as Upstream
}

type Rest = Parameters<Upstream['request']> extends [unknown, ...infer R] ? R : never
