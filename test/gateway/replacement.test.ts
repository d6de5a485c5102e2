// A door that judges a text of its own sends that one: nothing of the client's goes beside it.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa, { type Context } from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { ANYONE } from '../../src/authz/user.js'
import { createUpstream } from '../../src/gateway/connections/upstream.js'
import { type ForwardOptions, forward } from '../../src/gateway/forward.js'
import { screening } from '../../src/gateway/screening.js'
import { bodyLimit } from '../../src/middleware/body-limit.js'
import type { Decision } from '../../src/middleware/decision.js'
import type { ErrorWriter } from '../../src/middleware/error-response.js'
import { readBody } from '../../src/middleware/read-body.js'
import { startRecordingUpstream } from '../support/recording-upstream.js'
import { ask } from './raw-client.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

/** A door of its own kind: reads a form, and sends what it made of it. */
async function start(replace: ForwardOptions['replace'], options: { write?: ErrorWriter; maxBodySize?: number } = {}) {
  const decisions: Decision[] = []
  const recording = await startRecordingUpstream()
  const upstream = createUpstream({ url: recording.url })
  const write = options.write && { write: options.write }
  const app = new Koa()
  app.use(screening({ door: 'influxdb', onDecision: (_ctx, decision) => decisions.push(decision), ...write }))
  app.use(bodyLimit(options.maxBodySize ?? 0, options.write))
  app.use(async (ctx: Context, next) => {
    ctx.state.user = ANYONE
    if (replace) await readBody(ctx.req)
    return next()
  })
  app.use(forward(upstream, { ...(replace && { replace }), ...write }))
  const server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(recording.close, async () => upstream.close(), () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }))
  return { recording, decisions, port: (server.address() as AddressInfo).port }
}

const FORM = 'q=SHOW+DATABASES&u=ann&p=s3cret'
const framing = {
  length: `Content-Length: ${FORM.length}\r\n\r\n${FORM}`,
  chunks: `Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n${FORM.length.toString(16)}\r\n${FORM}\r\n0\r\nX-Sum: 1\r\n\r\n`,
}

describe('a body of the door’s own', () => {
  test.each(Object.entries(framing))('the client’s, by %s, does not go out, nor what was said of it', async (_says, rest) => {
    const bytes = Buffer.from('q=SHOW DATABASES')
    const { port, recording } = await start(() => ({ target: '/query?db=a', body: { bytes, type: 'text/plain' } }))
    const about = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Language: en\r\nContent-MD5: x\r\nX-Other: 1\r\n'
    expect((await ask(port, `POST /query?u=ann&p=s3cret HTTP/1.1\r\nHost: me\r\n${about}${rest}`)).status).toBe(204)
    expect(recording.requests).toMatchObject([{ method: 'POST', target: '/query?db=a', body: 'q=SHOW DATABASES', trailers: '' }])
    const names = recording.requests[0]?.headers.map(([name]) => name.toLowerCase())
    expect(names?.filter((name) => /content|transfer|trailer|x-other/.test(name))).toEqual(['x-other', 'content-type', 'content-length'])
    expect(recording.received()).not.toContain('s3cret')
  })

  test('an empty one', async () => {
    const { port, recording } = await start(() => ({ body: { bytes: Buffer.alloc(0), type: 'text/plain' } }))
    await ask(port, `POST /query HTTP/1.1\r\nHost: me\r\n${framing.length}`)
    expect(recording.requests).toMatchObject([{ target: '/query', body: '' }])
  })
})

test('nothing replaced: what came', async () => {
  const { port, recording } = await start(undefined)
  await ask(port, `POST /write?db=a HTTP/1.1\r\nHost: me\r\nContent-Type: a/b\r\n${framing.length}`)
  expect(recording.requests).toMatchObject([{ target: '/write?db=a', body: FORM }])
})

describe('refusals are in the door’s own words', () => {
  const write: ErrorWriter = (ctx, error) => {
    ctx.status = error.status
    ctx.body = `the door says ${error.code}`
  }
  test.each([
    // says                head of the request                                                                code
    ['of the screening',   'GET / HTTP/1.1\r\nHost: me\r\nHost: you\r\n\r\n',                                 'ERR_REQUEST_AMBIGUOUS'],
    ['of the body limit',  `POST / HTTP/1.1\r\nHost: me\r\n${framing.length}`,                                'ERR_BODY_TOO_LARGE'],
    ['of forwarding',      'GET /?a=1;u=b HTTP/1.1\r\nHost: me\r\n\r\n',                                      'ERR_REQUEST_AMBIGUOUS'],
  ])('%s', async (_says, request, code) => {
    const { port, decisions } = await start(undefined, { write, maxBodySize: 10 })
    expect((await ask(port, request)).body).toBe(`the door says ${code}`)
    expect(decisions.every(({ door }) => door === 'influxdb')).toBe(true)
  })
})
