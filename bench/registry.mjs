import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { printTable } from './lib/figures.mjs'

// `npm run bench:registry`: what the registry of one machine costs with ten users and with a million.

const CHILD = new URL('./registry/child.mjs', import.meta.url).pathname
const CASES = [
  { users: 10, inRoles: 10 },
  { users: 1_000_000, inRoles: 100_000 },
  { users: 1_000_000, inRoles: 1_000_000 },
]

/** Runs a step in a process of its own, and hands back the figures that it prints. */
async function step(...args) {
  const child = spawn(process.execPath, [CHILD, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  let figures
  for await (const line of createInterface({ input: child.stdout })) figures = JSON.parse(line)
  const [code] = await exit
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`)
  return figures
}

const quick = process.argv.includes('--quick')
const rows = []
for (const { users, inRoles } of CASES) {
  const count = quick ? Math.min(users, 100_000) : users
  const members = quick ? Math.min(inRoles, count) : inRoles
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-registry-'))
  try {
    const { restore } = await step('fill', directory, count, members)
    rows.push({
      users: count,
      'in roles': members,
      'restored in': `${restore.toFixed(1)} s`,
      ...(await step('use', directory, count)),
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
printTable(rows)
console.log(`
10,000 look-ups (a user with what their roles hold) and 1,000 changes, one after the other, of users picked at random.
RSS is read after them. "anonymous" is the process's own memory; the rest are pages of files: the program's code, and
those of data.mdb that were touched, which the kernel takes back when it needs memory.`)
