import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Rooms whose tests change nothing that others see (no nock, no environment): their files share what they import, a minute of CPU. */
const SHARING = ['authz', 'config', 'influxql', 'middleware', 'subscriptions', 'text']

const sharing = SHARING.map((room) => `test/${room}/**/*.test.ts`)

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'sharing', include: sharing, isolate: false } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: sharing } },
    ],
    globalSetup: ['test/support/daemons.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is waited for may take its time on a busy machine
    expect: { poll: { timeout: 45_000, interval: 20 } },
    // Most of the time is spent waiting, for programs that start and for daemons
    maxWorkers: Math.min(availableParallelism() + 1, 6),
  },
})
