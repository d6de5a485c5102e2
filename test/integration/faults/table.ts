import type { Certificates } from '../../support/certificates.js'
import { certificateFaults } from './certificate-rows.js'
import { etcdFaults } from './etcd-rows.js'
import type { FaultText } from './fault.js'
import { MACHINE_FAULTS } from './machine-rows.js'
import { META_NODE_FAULTS } from './meta-node-rows.js'
import { UPSTREAM_FAULTS } from './upstream-rows.js'

/** These are read as text, so that nothing is asked for. */
const nothing = (): never => { throw new Error('only the text of these rows is used') }
const NO_CERTIFICATES = {} as Certificates

const SECTIONS: readonly (readonly [title: string, faults: readonly FaultText[]])[] = [
  ['Meta nodes', META_NODE_FAULTS],
  ['etcd, where meta nodes keep their users in it', etcdFaults(nothing, nothing)],
  ['Kapacitor', UPSTREAM_FAULTS],
  ['Certificates', certificateFaults(NO_CERTIFICATES)],
  ['The machine', MACHINE_FAULTS],
]

const TABLES = /(<!-- faults:.*-->\n)[\s\S]*?(<!-- \/faults -->)/

/** docs/faults.md with the tables in it that come of these rows. */
export function withTables(text: string): string {
  const tables = SECTIONS.map(([title, faults]) => `\n### ${title}\n\n${tableOf(faults)}`).join('')
  return text.replace(TABLES, (_, open, close) => `${open}${tables}\n${close}`)
}

function tableOf(faults: readonly FaultText[]): string {
  const rows = faults.map(({ fault, remembered, unknown, readyz, after }) => [fault, remembered, unknown, readyz, after])
  const lines = [['Fault', 'Known user', 'New user', '`/readyz`', 'Afterwards'], Array(5).fill('---'), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}
