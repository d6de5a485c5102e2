import { expect, test } from 'vitest'
import { createShared } from '../../src/serve/shared.js'

test('it is closed when the last one lets go, and not before', async () => {
  let closed = 0
  const shared = createShared({ close: async () => { closed++ } })
  shared.hold()
  await shared.release()
  expect(closed).toBe(0)
  await shared.release()
  expect(closed).toBe(1)
})
