import type { Middleware } from 'koa'
import { AggregatorRegistry, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { MetaRequest } from '../meta-client/wire/event.js'
import type { Decision } from '../middleware/decision.js'
import { VERSION } from '../version.js'
import { registerCacheMetrics, type StatsSource } from './cache-metrics.js'
import { type CountedChange, registerChangeMetrics } from './change-metrics.js'
import { registerConnectionMetrics } from './connection-metrics.js'
import { registerDecisionMetrics } from './decision-metrics.js'
import { registerDurations, type UpstreamExchange } from './duration-metrics.js'

/** The metrics of one process at one moment, as plain data. */
export type MetricsSnapshot = object[]

export interface MetricsOptions {
  /** Where figures on cache and hashing come from, just now. @default nowhere: they are left out */
  stats?: StatsSource

  /** Whether figures on the process itself (memory, event loop, garbage collection) are there too. @default true */
  process?: boolean
}

/** What is counted and measured in this process. No user, address or path is in a label. */
export interface Metrics {
  /** For `KapacitorAuthOptions`. */
  readonly onDecision: (asked: unknown, decision: Decision) => void
  readonly onMetaRequest: (request: MetaRequest) => void

  /** For `MetaNodeOptions`. */
  readonly onChange: (source: { readonly door?: string | undefined }, change: CountedChange) => void

  /** For `ForwardOptions`. */
  readonly onAnswer: (exchange: UpstreamExchange) => void

  /** For `ListenOptions`, with the door's name. */
  readonly onConnectionFailure: (failure: string, door?: string) => void

  /** Middleware that measures requests; to be mounted first. */
  timing(): Middleware

  /** Takes figures from somewhere else from now on. Counters go on from where they are. */
  setStats(stats: StatsSource): void

  /** In Prometheus' text format. */
  text(): Promise<string>

  /** As plain data that survives JSON, for `mergeMetrics`. */
  snapshot(): Promise<MetricsSnapshot>
}

/** Metrics on a registry of their own: another call starts at zero. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { stats, process: isProcessShown = true } = options
  const registry = new Registry()
  const registers = [registry]
  // Not summed up over processes, as all other gauges are
  new Gauge({
    name: 'kapacitor_auth_build_info',
    help: 'Always 1; the versions are in the labels.',
    labelNames: ['version', 'node'],
    aggregator: 'first',
    registers,
  }).set({ version: VERSION, node: process.version }, 1)
  new Gauge({
    name: 'kapacitor_auth_processes',
    help: 'How many processes serve requests.',
    registers,
  }).set(1)
  const onDecision = registerDecisionMetrics(registers)
  const setStats = registerCacheMetrics(registers, stats)
  const onChange = registerChangeMetrics(registers)
  const onConnectionFailure = registerConnectionMetrics(registers)
  const durations = registerDurations(registers)
  if (isProcessShown) collectDefaultMetrics({ register: registry })

  return {
    onDecision,
    onChange,
    onConnectionFailure,
    ...durations,
    setStats,
    text: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
  }
}

/** What a meta node counts that runs beside an API in this process: to be merged with the metrics of that. */
export function createMetaNodeCounters() {
  const registry = new Registry()
  const onDecision = registerDecisionMetrics([registry])
  const onChange = registerChangeMetrics([registry])
  return {
    onDecision,
    onChange,
    snapshot: (): Promise<MetricsSnapshot> => registry.getMetricsAsJSON(),
  }
}

/**
 * The metrics of several processes as those of one, in Prometheus' text format: counters, histograms and gauges are
 * summed, but for the few where a sum would mean nothing (the event loop's delay, versions).
 */
export async function mergeMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics()
}

/** Types of metrics that only grow: they still count when their process has ended. */
const GROWING = ['counter', 'histogram']

/** The counters and histograms of several processes, summed; all else is left out. */
export function sumCounters(snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> {
  const growing = snapshots.map((metrics) =>
    metrics.filter((metric) => GROWING.includes((metric as { type?: string }).type ?? '')),
  )
  return AggregatorRegistry.aggregate(growing).getMetricsAsJSON()
}

/** The content type of Prometheus' text format. */
export const METRICS_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE
