import { join } from 'node:path'
import { expect, test } from 'vitest'
import { faultsDocument } from './table.js'

/** `npx vitest run test/integration/faults/table.test.ts -u` writes it. */
test('docs/faults.md has the rows that are tested', async () => {
  await expect(faultsDocument()).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/faults.md'))
})
