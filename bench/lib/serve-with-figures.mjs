// dist/main.js, which also tells what it holds: node --expose-gc serve-with-figures.mjs ARGUMENTS, over IPC.
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

process.on('message', async () => {
  // What the first collection finalizes, the next ones free
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await pause(50)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  const files = openFiles()
  process.send({
    rss,
    heapUsed,
    external,
    sockets: files.filter((name) => name.startsWith('socket:')).length,
    files: files.length,
    resources: count(process.getActiveResourcesInfo()),
    reloadsAtHangup: process.listenerCount('SIGHUP') > 0,
  })
})
process.channel.unref()

function openFiles() {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return [] // the directory that was just read
    }
  })
}

function count(names) {
  const counts = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

await import('../../dist/main.js')
