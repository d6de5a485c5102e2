import { Registry } from 'prom-client'

/** The content type of Prometheus' text format. */
export const METRICS_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE
