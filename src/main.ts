#!/usr/bin/env node
import cluster from 'node:cluster'
import { catchSignals, ignoreSignals } from './serve/signals.js'

/** The commands that run until they are stopped. What comes while they load counts, too. */
const SERVERS = ['serve', 'meta-node']

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `kapacitor-auth: Node.js 20.19 or later is needed; this is ${process.version}\n`,
  )
  process.exit(1)
}

const args = process.argv.slice(2)
if (cluster.isWorker) ignoreSignals()
const isServer = cluster.isPrimary && SERVERS.includes(args[0] ?? '')
const signals = isServer ? catchSignals() : undefined
const { run } = await import('./cli/program.js')
await run(args, signals)
