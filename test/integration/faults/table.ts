import type { Certificates } from '../../support/certificates.js'
import { certificateFaults } from './certificate-rows.js'
import { etcdFaults } from './etcd-rows.js'
import type { FaultText } from './fault.js'
import { MACHINE_FAULTS } from './machine-rows.js'
import { META_NODE_FAULTS } from './meta-node-rows.js'
import { DISK_FAULTS, PROCESS_FAULTS } from './process-rows.js'
import { UPSTREAM_FAULTS } from './upstream-rows.js'

/** These are read as text, so that nothing is asked for. */
const nothing = (): never => { throw new Error('only the text of these rows is used') }
const NO_CERTIFICATES = {} as Certificates

const SECTIONS: readonly (readonly [title: string, faults: readonly FaultText[]])[] = [
  ['Meta nodes', META_NODE_FAULTS],
  ['etcd, where meta nodes keep their users in it', etcdFaults(nothing, nothing)],
  ['Kapacitor', UPSTREAM_FAULTS],
  ['Certificates', certificateFaults(NO_CERTIFICATES)],
  ['The machine', [...MACHINE_FAULTS, ...DISK_FAULTS]],
  ['The processes of the server', PROCESS_FAULTS],
]

/** docs/faults.md, as a whole. */
export function faultsDocument(): string {
  return `# Faults: what clients see, and what recovers by itself

What happens when a part fails. Each row is tested against running processes (\`test/integration/faults\`, \`test/serve\`).
"Known user": their credentials are cached, because they have signed in lately. "New user": they sign in for the first time
since the gateway started, or after their entry has left the cache. "\`/readyz\`" is what the [admin listener](metrics.md)
answers: the parts that are not ready.

A server becomes ready once it has reached a meta node, and stays so when the meta node fails later: known users are still
served. "No answer" means that the connection is closed without an answer.
${SECTIONS.map(([title, faults]) => `\n## ${title}\n\n${tableOf(faults)}`).join('')}`
}

function tableOf(faults: readonly FaultText[]): string {
  const rows = faults.map(({ fault, remembered, unknown, readyz, after }) => [fault, remembered, unknown, readyz, after])
  const lines = [['Fault', 'Known user', 'New user', '`/readyz`', 'Afterwards'], Array(5).fill('---'), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}
