import nock from 'nock'
import { createMetaClient, type MetaClientOptions } from '../../src/meta-client/client.js'
import type { MetaClientEvent } from '../../src/meta-client/wire/event.js'

export const NODE = '10.0.0.1:8091'

/** A client with time in its hands: a pause passes at once, and as long as it says on the clock. */
export function testClient(options: Partial<MetaClientOptions> = {}) {
  const events: MetaClientEvent[] = []
  const pauses: number[] = []
  let time = 0
  const client = createMetaClient({
    addresses: [NODE],
    log: (event) => events.push(event),
    clock: () => time,
    sleep: async (ms) => {
      pauses.push(ms)
      time += ms
    },
    ...options,
  })
  return { client, events, pauses }
}

export interface WireAnswer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

/** The node's answer to the next question, whatever it is. A text or bytes go out as they are, the rest as JSON. */
export function answer({ status = 200, headers = {}, body = '' }: WireAnswer, node = NODE): void {
  const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  nock(`http://${node}`).get(/.*/).reply(status, raw, headers)
}
