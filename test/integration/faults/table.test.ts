import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withTables } from './table.js'

const DOCUMENT = join(import.meta.dirname, '../../../docs/faults.md')

/** `npx vitest run test/integration/faults/table.test.ts -u` writes it. */
test('docs/faults.md has the rows that are tested', async () => {
  const text = readFileSync(DOCUMENT, 'utf8')
  expect(text).toContain('<!-- /faults -->')
  await expect(withTables(text)).toMatchFileSnapshot(DOCUMENT)
})
