// The first table of docs/faults.md has the rows that the suite of faults proves, in its words.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { certificateFaults } from '../integration/faults/certificate-rows.js'
import type { FaultText } from '../integration/faults/fault.js'
import { MACHINE_FAULTS } from '../integration/faults/machine-rows.js'
import { META_NODE_FAULTS } from '../integration/faults/meta-node-rows.js'
import { UPSTREAM_FAULTS } from '../integration/faults/upstream-rows.js'
import type { Certificates } from '../support/certificates.js'

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/faults.md'), 'utf8')

/** No certificate is made: what brings a fault about is not called. */
const CERTIFICATES = {} as Certificates

const row = ({ fault, remembered, unknown, readyz, after }: FaultText) => `| ${fault} | ${remembered} | ${unknown} | ${readyz} | ${after} |`

test('the table of faults is what the suite proves', () => {
  const faults = [...META_NODE_FAULTS, ...UPSTREAM_FAULTS, ...certificateFaults(CERTIFICATES), ...MACHINE_FAULTS]
  const table = ['| fault | remembered | new | `/readyz` | afterwards |', '|---|---|---|---|---|', ...faults.map(row)].join('\n')
  expect(/<!-- faults:.*-->\n([\s\S]*?)\n?<!-- \/faults -->/.exec(DOCUMENT)?.[1]).toBe(table)
})
