import { type ClientRequest, request } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Connection } from '../../src/gateway/connections/connection.js'
import type { Parties } from '../../src/gateway/connections/shares.js'

const requests: ClientRequest[] = []
afterEach(() => { for (const one of requests.splice(0)) one.on('error', () => {}).destroy() })

function start() {
  const told: [string, Parties | undefined][] = []
  const socket = new Socket()
  const connection = new Connection(socket, {
    onFree: (parties) => told.push(['free', parties]),
    onClose: (parties) => told.push(['closed', parties]),
  })
  const assign = (parties: Parties) => {
    const one = request({ agent: { addRequest: () => {} } as never, path: '/' })
    requests.push(one)
    connection.assign(one, parties)
    return one
  }
  return { told, socket, connection, assign }
}

/** As Node does once the answer is there. */
const finish = (one: ClientRequest) => { one.destroyed = true }

test('a request that is under way keeps its connection, whatever Node says', () => {
  const { told, socket, assign } = start()
  const first = assign(['user ann'])
  socket.emit('free')
  expect(told).toEqual([])
  finish(first)
  socket.emit('free')
  socket.emit('free')
  expect(told).toEqual([['free', ['user ann']]])
  assign(['user bob'])
  socket.emit('free')
  expect(told).toHaveLength(1)
})

test.each([
  // says                                 finished   whose it was
  ['with a request on it',                false,     ['user ann']],
  ['after its request was finished',      true,      undefined],
])('closed %s', (_says, finished, parties) => {
  const { told, socket, assign } = start()
  const first = assign(['user ann'])
  if (finished) {
    finish(first)
    socket.emit('free')
    told.length = 0
  }
  socket.emit('close')
  expect(told).toEqual([['closed', parties]])
})
