import { Counter, type Registry } from 'prom-client'

/** Counts connections that came to nothing before there was a request on them. */
export function registerConnectionMetrics(
  registers: Registry[],
): (failure: string, door?: string) => void {
  const counter = new Counter({
    name: 'kapacitor_auth_connection_failures_total',
    help: 'Connections that came to nothing before a request: failed TLS handshakes, refused or missing client certificates, plain HTTP where HTTPS is served, too many connections, no file descriptors left.',
    labelNames: ['door', 'reason'],
    registers,
  })
  return (reason, door = 'none') => counter.inc({ door, reason })
}
