import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
const step = (milliseconds: number) => ({ file }: FaultWorld) => writeFileSync(file('offset'), String(milliseconds))

/** A link to a device that is always full takes the log's place, as if its disk were. */
function fill({ file, gateway }: FaultWorld, name: string): void {
  rmSync(file(name), { force: true })
  symlinkSync('/dev/full', file(name))
  gateway.child.kill('SIGHUP')
}

const limitDescriptors = ({ gateway }: FaultWorld, limit: string) => {
  execFileSync('prlimit', ['--pid', String(gateway.child.pid), `--nofile=${limit}:`])
}

const fullDisk = (log: string, fault: string): Fault => ({
  fault,
  remembered: '200',
  unknown: '200',
  readyz: 'ready',
  after: `${BY_ITSELF}; the lines of that time are lost, and counted in the log`,
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
    begin: (world) => limitDescriptors(world, String(readdirSync(`/proc/${world.gateway.child.pid}/fd`).length)),
    end: (world) => limitDescriptors(world, '1024'),
  },
  { fault: 'clock steps an hour forward', ...WELL, begin: step(HOUR), end: step(0) },
  { fault: 'clock steps an hour back', ...WELL, begin: step(-HOUR), end: step(0) },
]
