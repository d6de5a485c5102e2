// Many users who are remembered: what one takes, and whether a hit costs more among many.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { headerOf } from '../lib/many-users.mjs'
import { row } from '../lib/rows.mjs'
import { inTurns } from '../lib/turns.mjs'

/**
 * @param {{ generator: object, counts: number[], warmUp: number, slices: number }} options `counts`: how many users; one
 *   round only, since the servers take long to fill
 */
export async function manyUsers({ generator, counts, warmUp, slices }) {
  const bytes = []
  const scenarios = [1, ...counts].map((users, n) => ({
    users,
    headers: { authorization: headerOf(0) },
    start: async () => {
      const server = await startUsers(users)
      bytes[n] = server.bytes
      return server
    },
  }))
  const [taken] = await inTurns({ scenarios, generator, rounds: 1, warmUp, slices })
  return [
    'many users who are all remembered, each asking in turn',
    ...counts.map((users, i) => {
      const values = taken[i + 1].map((slice, k) => taken[0][k].perSecond / slice.perSecond)
      return row(`${users.toLocaleString('en')} users: time of a hit against 1 user`, values, {
        floor: 1.5,
        aim: 1.2,
        better: 'less',
      })
    }),
    ...counts.map((users, i) =>
      row(
        `${users.toLocaleString('en')} users: memory of one, bytes (heap and external)`,
        [bytes[i + 1]],
        {
          floor: 1536,
          aim: 700,
          better: 'less',
          digits: 0,
        },
      ),
    ),
  ]
}

async function startUsers(users) {
  const child = fork(new URL('../users-server.mjs', import.meta.url), [String(users)], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
  })
  const [{ port, bytes }] = await once(child, 'message')
  return {
    port,
    bytes,
    async cpu() {
      child.send('usage')
      return (await once(child, 'message'))[0].cpu
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
