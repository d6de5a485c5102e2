import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/daemons.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is waited for may take its time on a busy machine
    expect: { poll: { timeout: 45_000, interval: 20 } },
    // Most of the time is spent waiting, for programs that start and for daemons
    maxWorkers: Math.min(availableParallelism() + 1, 6),
  },
})
