import { expect, test } from 'vitest'
import { createKnownRequestLines } from '../../src/middleware/known-request-lines.js'
import { readRequestLine } from '../../src/middleware/request-line.js'

test.each([
  // method    target
  ['GET',      '/kapacitor/v1/tasks'],
  ['POST',     '/kapacitor/v1/tasks'],
  ['GET',      '/kapacitor/v1/%74asks'],
  ['GET',      '/kapacitor/v1/tasks?u=ann&p=secret'],
  ['GET',      '/kapacitor/v1/../config'],
  ['GET',      `/${'x'.repeat(500)}`],
  ['BREW',     '/kapacitor/v1/tasks'],
  ['GET',      '/__proto__'],
])('%s %s reads as it did the first time', (method, target) => {
  const requestLine = createKnownRequestLines()
  const read = [1, 2, 3].map(() => requestLine(method, target))
  expect(read).toEqual(Array(3).fill(readRequestLine(method, target)))
  expect(requestLine('DELETE', target)).toEqual(readRequestLine('DELETE', target))
  expect(requestLine(method, target)).toEqual(readRequestLine(method, target))
})

test('one that has a query, or is long, is not kept; others are, but not more than 500', () => {
  const requestLine = createKnownRequestLines()
  const isKept = (target: string) => requestLine('GET', target) === requestLine('GET', target)
  expect(['/tasks', '/tasks?p=secret', `/${'x'.repeat(200)}`].map(isKept)).toEqual([true, false, false])
  const first = requestLine('GET', '/tasks')
  for (let i = 0; i < 500; i++) requestLine('GET', `/tasks/${i}`)
  expect(requestLine('GET', '/tasks')).not.toBe(first)
})
