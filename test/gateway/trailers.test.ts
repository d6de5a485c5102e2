import { expect, test } from 'vitest'
import { passedTrailers } from '../../src/gateway/response/trailers.js'

test('trailers are passed on as they were spelt, in order', () => {
  expect(passedTrailers(['X-B', '2', 'x-a', '1', 'ETag', '"e"'])).toEqual([['X-B', '2'], ['x-a', '1'], ['ETag', '"e"']])
})

test('none are none', () => {
  expect(passedTrailers([])).toBeUndefined()
})

test.each([
  'Authorization', 'Cookie', 'Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Trailer', 'X-Forwarded-User',
  'X_Forwarded_User', 'X-Forwarded-For', 'Remote-User', 'X-HTTP-Method-Override', 'Content-Type', 'content-encoding',
  'Content-Range', 'Set-Cookie', 'WWW-Authenticate', 'Cache-Control', 'Location', 'Expect', 'TE', 'Upgrade', 'If-Match',
])('%s has no place there', (name) => {
  expect(passedTrailers([name, 'x'])).toBeUndefined()
  expect(passedTrailers([name, 'x', 'X-A', '1'])).toEqual([['X-A', '1']])
})
