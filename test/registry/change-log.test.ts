import { expect, test } from 'vitest'
import { changesSince } from '../../src/registry/store/change-log.js'
import type { Snapshot } from '../../src/registry/store/store.js'

test.each(['0', '1', '62', '63', '64', '4999', '4999999'])('a mark that is too old costs little, whatever it is: %s', async (mark) => {
  let ranges = 0
  const empty: Snapshot = {
    index: 5_000_000,
    get: async () => undefined,
    async *range() {
      ranges++
      yield* []
    },
  }
  expect((await changesSince(empty, mark)).changes).toBeUndefined()
  expect(ranges).toBeLessThan(5)
})
