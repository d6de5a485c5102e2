import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { until } from '../../support/until.js'
import { BY_ITSELF, type Fault } from './fault.js'
import type { FaultWorld } from './fault-world.js'

/** A module that moves the clock of the process that loads it, by the milliseconds in a file. */
export const steppedClock = (offset: string) => `
  const { readFileSync } = require('node:fs')
  const RealDate = Date
  const read = () => { try { return Number(readFileSync(${JSON.stringify(offset)}, 'utf8')) } catch { return 0 } }
  const now = () => RealDate.now() + read()
  globalThis.Date = class extends RealDate {
    constructor(...args) { super(...(args.length === 0 ? [now()] : args)) }
    static now() { return now() }
  }`

const HOUR = 3_600_000

/** Steps the clocks of those processes. */
const step = (milliseconds: number, ...names: ('gateway' | 'meta-node')[]): Pick<Fault, 'begin' | 'end'> => ({
  begin: ({ file }) => { for (const name of names) writeFileSync(file(`${name}-offset`), String(milliseconds)) },
  end: ({ file }) => { for (const name of names) writeFileSync(file(`${name}-offset`), '0') },
})

/** A link to a device that is always full takes the log's place, as if its disk were. */
async function fill({ ask, file, gateway }: FaultWorld, name: string): Promise<void> {
  const before = gateway.stderr().length
  rmSync(file(name), { force: true })
  symlinkSync('/dev/full', file(name))
  gateway.child.kill('SIGHUP')
  await until(async () => {
    await ask('known') // so that there is something to write
    return gateway.stderr().slice(before).includes('log file cannot be written')
  })
}

/** The limit is lowered to a little above what is open, and clients that say nothing take what is left. */
function outOfDescriptors(): Pick<Fault, 'begin' | 'end'> {
  const taken = new Set<Socket>()
  let isOn = false
  const limit = ({ gateway }: FaultWorld, most: number) => {
    execFileSync('prlimit', ['--pid', String(gateway.child.pid), `--nofile=${most}:`])
  }
  return {
    begin(world) {
      const open = readdirSync(`/proc/${world.gateway.child.pid}/fd`).map(Number)
      const most = Math.max(...open) + 8
      limit(world, most)
      const { hostname, port } = new URL(world.api)
      isOn = true
      for (let i = 0; i < most; i++) take() // some of them are closed at once, and come again

      function take(): void {
        if (!isOn) return
        const socket = connect(Number(port), hostname).on('error', () => {})
        taken.add(socket)
        socket.once('close', () => {
          taken.delete(socket)
          setTimeout(take, 20)
        })
      }
    },
    end(world) {
      isOn = false
      limit(world, 1024)
      for (const socket of taken) socket.destroy()
    },
  }
}

const fullDisk = (log: string, fault: string): Fault => ({
  fault,
  remembered: '200',
  unknown: '200',
  readyz: 'ready',
  after: `${BY_ITSELF}; lines are kept meanwhile, up to a bound; lost ones are counted`,
  begin: (world) => fill(world, log),
  end({ file, gateway }) {
    rmSync(file(log))
    gateway.child.kill('SIGHUP')
  },
})

const WELL = { remembered: '200', unknown: '200', readyz: 'ready', after: 'nothing to do' }

export const MACHINE_FAULTS: readonly Fault[] = [
  fullDisk('access.log', "the access log's disk is full"),
  fullDisk('audit.log', "the audit log's disk is full"),
  {
    fault: 'no more file descriptors',
    remembered: 'no answer',
    unknown: 'no answer',
    readyz: 'no answer',
    after: BY_ITSELF,
    ...outOfDescriptors(),
  },
  { fault: "the machine's clock steps an hour forward", ...WELL, ...step(HOUR, 'gateway', 'meta-node') },
  { fault: "the machine's clock steps an hour back", ...WELL, ...step(-HOUR, 'gateway', 'meta-node') },
  { fault: "the gateway's clock is an hour ahead of the meta node's", ...WELL, ...step(HOUR, 'gateway') },
  {
    fault: "the gateway's clock is an hour behind the meta node's, which takes its tokens for expired",
    remembered: '200',
    unknown: '503',
    readyz: 'ready',
    after: BY_ITSELF,
    ...step(-HOUR, 'gateway'),
  },
]
