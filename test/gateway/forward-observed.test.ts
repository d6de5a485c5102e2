// What the gateway tells of each exchange with the upstream: once, and nothing of the request.
import { afterEach, describe, expect, test } from 'vitest'
import type { UpstreamAnswer } from '../../src/gateway/response/upstream-answer.js'
import { type Answer, startRecordingUpstream } from '../support/recording-upstream.js'
import { ANN, startGateway, type TestGatewayOptions } from './gateway.js'
import { ask, rawClient } from './raw-client.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

async function start(answer?: Answer, options: TestGatewayOptions = {}) {
  const upstream = await startRecordingUpstream(answer ? { answer } : {})
  const told: UpstreamAnswer[] = []
  const gateway = await startGateway(upstream.url, { ...options, forward: { onAnswer: (exchange) => told.push(exchange) } })
  closing.push(upstream.close, gateway.close)
  return { upstream, gateway, told, port: gateway.port }
}

const GET = `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`
const MUTE: Answer = () => undefined
const answering = (status: string): Answer => () => `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`

describe('an exchange is told', () => {
  test.each<[string, Answer, TestGatewayOptions, number, UpstreamAnswer['outcome']]>([
    // says                              answer                                  options                                    status  outcome
    ['with an answer',                   answering('200 OK'),                    {},                                        200,    'answered'],
    ['with an error of the upstream\'s', answering('500 Internal Server Error'), {},                                        500,    'answered'],
    ['without a usable answer',          answering('401 Unauthorized'),          {},                                        502,    'unavailable'],
    ['broken off',                       (_request, socket) => { socket.destroy(); return undefined }, {},                  502,    'unavailable'],
    ['too slow',                         MUTE,                                   { upstream: { responseTimeout: 20 } },     504,    'timeout'],
  ])('%s', async (_says, answer, options, status, outcome) => {
    const { port, told } = await start(answer, options)
    expect((await ask(port, GET)).status).toBe(status)
    expect(told).toEqual([{ milliseconds: expect.any(Number), outcome }])
    expect(told[0]?.milliseconds).toBeGreaterThanOrEqual(outcome === 'timeout' ? 15 : 0)
  })

  test('as busy, if there is no connection to be had', async () => {
    const { port, told } = await start(MUTE, { upstream: { maxConnections: 1, maxWaiting: 0 } })
    const first = await rawClient(port)
    first.send(GET)
    await expect.poll(async () => {
      await ask(port, GET).catch(() => {})
      return told.map(({ outcome }) => outcome)
    }).toContain('busy')
    first.close()
  })

  test('as abandoned, if the client goes away first', async () => {
    const { port, told, upstream } = await start(MUTE)
    const client = await rawClient(port)
    client.send(GET)
    await expect.poll(() => upstream.requests.length).toBe(1)
    client.close()
    await expect.poll(() => told.map(({ outcome }) => outcome)).toEqual(['abandoned'])
  })

  test('once, if the answer is cut off later', async () => {
    const { port, told } = await start((_request, socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
      return undefined
    })
    await ask(port, GET).catch(() => {})
    expect(told.map(({ outcome }) => outcome)).toEqual(['answered'])
  })
})

test('what never reaches the upstream is not told', async () => {
  const { port, told, upstream } = await start()
  expect((await ask(port, GET.replace(ANN, ''))).status).toBe(401)
  expect((await ask(port, GET.replace('/tasks', '/tasks?a=%zz;u=1'))).status).toBeGreaterThanOrEqual(200)
  expect(told.length).toBe(upstream.requests.length)
})
