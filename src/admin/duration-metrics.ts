import type { Context, Next } from 'koa'
import { Counter, type Registry } from 'prom-client'
import type { MetaRequest } from '../meta-client/wire/event.js'
import { type Milliseconds, monotonic } from '../time.js'
import { registerHistogram } from './histogram.js'

/** An exchange with the upstream, as the gateway reports it. */
export interface UpstreamExchange {
  readonly milliseconds: Milliseconds
  readonly outcome: string
}

/** In seconds: a remembered user takes less than a millisecond, a slow upstream minutes. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

const CLASSES = [undefined, '1xx', '2xx', '3xx', '4xx', '5xx']
const CUT_OFF = 'cut_off'

/** Measures how long requests take, and what they ask of the upstream and of meta nodes. */
export function registerDurations(registers: Registry[]) {
  const histogram = (name: string, help: string, label: string) =>
    registerHistogram(registers, {
      name: `kapacitor_auth_${name}`,
      help,
      label,
      buckets: BUCKETS,
    })
  const http = histogram(
    'http_request_duration_seconds',
    'Time until the answer was sent; the class is cut_off where it was not sent whole.',
    'status_class',
  )
  const upstream = histogram(
    'upstream_request_duration_seconds',
    'Time until the upstream began its answer: answered, unavailable, timeout, busy or abandoned.',
    'outcome',
  )
  const meta = histogram(
    'meta_request_duration_seconds',
    'Each try of a request to a meta node: ok or error.',
    'outcome',
  )
  const metaErrors = new Counter({
    name: 'kapacitor_auth_meta_request_errors_total',
    help: "Tries of requests to meta nodes that failed: timeout, network (no answer), server (5xx) or invalid (not a meta node's answer).",
    labelNames: ['kind'],
    registers,
  })
  // There from the start, so that a rate shows the first one
  for (const kind of ['timeout', 'network', 'server', 'invalid']) metaErrors.inc({ kind }, 0)

  return {
    onMetaRequest({ milliseconds, outcome }: MetaRequest): void {
      meta(outcome === 'ok' ? 'ok' : 'error', milliseconds / 1000)
      if (outcome !== 'ok') metaErrors.inc({ kind: outcome })
    },
    onAnswer({ milliseconds, outcome }: UpstreamExchange): void {
      upstream(outcome, milliseconds / 1000)
    },
    timing() {
      return function timing(ctx: Context, next: Next): Promise<unknown> {
        const start = monotonic()
        const { res } = ctx
        res.once('close', () => {
          const statusClass = res.writableFinished
            ? CLASSES[Math.floor(res.statusCode / 100)]
            : CUT_OFF
          http(statusClass ?? CUT_OFF, (monotonic() - start) / 1000)
        })
        return next()
      }
    },
  }
}
