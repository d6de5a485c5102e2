import { expect, test } from 'vitest'
import type { User } from '../../src/authz/user.js'
import { AuthError } from '../../src/errors.js'
import { authorize } from '../../src/middleware/authorization.js'
import { rememberDenials } from '../../src/middleware/remember-denials.js'
import { readRequestLine } from '../../src/middleware/request-line.js'

const userOf = (name: string): User => ({ name, admin: false, privileges: new Map() })

/** A refusal, as `authorize` makes it with what is remembered. */
function refuser() {
  const deny = rememberDenials()
  return (user: User, method: string, target: string) => {
    const line = readRequestLine(method, target)
    if (line instanceof AuthError) throw line
    return authorize(user, method, target, line, deny)
  }
}

test('who is denied the same again is told the same', () => {
  const refuse = refuser()
  const ann = userOf('ann')
  const first = refuse(ann, 'GET', '/kapacitor/v1/tasks')
  expect(first?.body).toBe('{"error":"user ann does not have \\"read\\" privilege for API endpoint \\"/kapacitor/v1/tasks\\""}')
  expect(refuse(ann, 'GET', '/kapacitor/v1/tasks')).toBe(first)
})

test.each([
  // says                method    target                     message
  ['another method',     'DELETE', '/kapacitor/v1/tasks',     'user ann does not have "delete" privilege for API endpoint "/kapacitor/v1/tasks"'],
  ['another path',       'GET',    '/kapacitor/v1/config',    'user ann does not have "read" privilege for API endpoint "/kapacitor/v1/config"'],
  ['a longer path',      'GET',    '/kapacitor/v1/tasks/',    'user ann does not have "read" privilege for API endpoint "/kapacitor/v1/tasks/"'],
])('%s is another denial', (_says, method, target, message) => {
  const refuse = refuser()
  const ann = userOf('ann')
  refuse(ann, 'GET', '/kapacitor/v1/tasks')
  expect(refuse(ann, method, target)?.message).toBe(message)
})

test('nobody is told what another one is told', () => {
  const refuse = refuser()
  refuse(userOf('ann'), 'GET', '/kapacitor/v1/tasks')
  expect(refuse(userOf('bob'), 'GET', '/kapacitor/v1/tasks')?.message).toMatch(/^user bob /)
})

test('what is denied is forgotten with the privileges it was denied for', () => {
  const refuse = refuser()
  expect(refuse(userOf('ann'), 'GET', '/kapacitor/v1/tasks')).toBeDefined()
  expect(refuse({ ...userOf('ann'), admin: true }, 'GET', '/kapacitor/v1/tasks')).toBeUndefined()
})
