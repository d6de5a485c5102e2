import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createCertificateMetrics } from '../../src/admin/certificate-metrics.js'
import { createMetrics, mergeMetrics } from '../../src/admin/metrics.js'

interface Position { x: number; y: number; w: number; h: number }
interface Target { refId: string; expr: string; datasource: { uid: string } }
interface Panel { id: number; type: string; title: string; gridPos: Position; datasource?: { uid: string }; targets?: Target[] }
interface Variable { name: string; type: string; query: string | { query: string } }
interface Dashboard { uid: string; title: string; schemaVersion: number; panels: Panel[]; templating: { list: Variable[] } }

const dashboard: Dashboard = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/grafana-dashboard.json'), 'utf8'))
const { panels, templating: { list: variables } } = dashboard
const targets = panels.flatMap((panel) => panel.targets ?? [])
const queries = variables.flatMap(({ type, query }) => type === 'query' && typeof query === 'object' ? [query.query] : [])

/** What an expression asks for: names with an underscore that are neither functions, labels nor variables. */
const namesIn = (expr: string) => [...expr.replace(/"[^"]*"|\$\w+/g, '').replace(/\bby \([^)]*\)/g, '').matchAll(/[a-z]\w*_\w+(?!\w*\s*(?:=|!=|=~|\())/g)]
  .map(([name]) => name).filter((name) => !['histogram_quantile', 'label_values'].includes(name))

/** The labels that an expression chooses and groups by, with the metric's name. */
let exposed: Map<string, Set<string>>

beforeAll(async () => {
  const metrics = createMetrics({ stats: () => ({ cached: 1, evictions: 1, hashing: 1, waiting: 1, push: { up: true, events: 1 } }) })
  const decision = { door: 'kapacitor', outcome: 'allowed', code: undefined, via: 'remembered', user: undefined, claimed: undefined, action: undefined, age: undefined } as const
  metrics.onDecision({} as Parameters<typeof metrics.onDecision>[0], decision)
  metrics.onMetaRequest({ milliseconds: 1, outcome: 'network' })
  metrics.onAnswer({ milliseconds: 1, outcome: 'answered' })
  metrics.onChange({ door: 'meta' }, { outcome: 'made', change: 'create', subject: 'user' })
  metrics.onConnectionFailure('handshake', 'kapacitor')
  const certificates = await createCertificateMetrics(() => [{ option: '[http] https-certificate', expires: 1 }]).snapshot()
  const text = await mergeMetrics([await metrics.snapshot(), certificates])
  exposed = new Map()
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? []
    if (!name) continue
    const known = exposed.get(name) ?? new Set()
    for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label as string)
    exposed.set(name, known)
  }
  // Nothing was measured here, so that there is no sample: its type says which there will be
  for (const [, name = ''] of text.matchAll(/^# TYPE (\S+) histogram$/gm)) {
    for (const end of ['bucket', 'sum', 'count']) if (!exposed.has(`${name}_${end}`)) exposed.set(`${name}_${end}`, new Set(['le', 'status_class']))
  }
})

test('there is something to check', () => {
  expect(targets.length).toBeGreaterThan(20)
  expect(namesIn('sum by (some_label) (rate(a_b_total{x_y="c_d",job=~"$job_x"}[$__rate_interval])) / vector(c_d)')).toEqual(['a_b_total', 'c_d'])
})

test('each expression asks for metrics that there are', () => {
  for (const expr of [...targets.map((target) => target.expr), ...queries]) {
    const names = namesIn(expr)
    expect(names.length, expr).toBeGreaterThan(0)
    for (const name of names) expect([...exposed.keys()], expr).toContain(name)
  }
})

test('and for labels that they have', () => {
  for (const { expr } of targets) {
    const having = new Set(namesIn(expr).flatMap((name) => [...exposed.get(name) as Set<string>]).concat('job', 'instance', 'le'))
    const chosen = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) => [...inside.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, label]) => label as string))
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(',').map((label) => label.trim()))
    for (const label of [...chosen, ...grouped]) expect([...having], expr).toContain(label)
  }
})

test('each metric of ours is shown somewhere', () => {
  const shown = new Set(targets.flatMap(({ expr }) => namesIn(expr)).map((name) => name.replace(/_(bucket|sum|count)$/, '')))
  const ours = [...exposed.keys()].filter((name) => name.startsWith('kapacitor_auth_')).map((name) => name.replace(/_(bucket|sum|count)$/, ''))
  expect([...new Set(ours)].filter((name) => !shown.has(name))).toEqual([])
})

test('the data source is chosen by a variable, and every variable in use is there', () => {
  expect(variables.find(({ name }) => name === 'datasource')).toMatchObject({ type: 'datasource', query: 'prometheus' })
  for (const panel of panels) {
    if (panel.type === 'row') continue
    for (const { datasource } of [panel, ...(panel.targets as Target[])]) expect(datasource?.uid).toMatch(/^\$\{datasource\}$/)
  }
  const known = variables.map(({ name }) => name)
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name)
  expect(used.filter((name) => !known.includes(name as string))).toEqual([])
})

describe('panels', () => {
  test('have ids of their own, and titles', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    for (const { title } of panels) expect(title).not.toBe('')
    for (const { targets = [] } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
  })

  test('do not overlap, and fit the width', () => {
    const overlap = (a: Position, b: Position) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
    for (const [i, { title, gridPos }] of panels.entries()) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (const other of panels.slice(i + 1)) expect(overlap(gridPos, other.gridPos), `${title} and ${other.title}`).toBe(false)
    }
  })
})
