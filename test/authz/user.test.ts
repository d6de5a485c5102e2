import { expect, test } from 'vitest'
import { ANYONE } from '../../src/authz/user.js'

test('whoever calls while authentication is off has every right, and no name to be taken for', () => {
  expect(ANYONE).toMatchObject({ name: '', admin: true })
  expect(ANYONE.privileges.size).toBe(0)
})

test('nobody changes him for the next request', () => {
  expect(Object.isFrozen(ANYONE)).toBe(true)
})
