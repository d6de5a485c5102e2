import { expect, test } from 'vitest'
import { ANYONE } from '../../src/authz/user.js'

test('a caller while authentication is off has every right, and no name', () => {
  expect(ANYONE).toMatchObject({ name: '', admin: true })
  expect(ANYONE.privileges.size).toBe(0)
})

test('nobody changes that user for the next request', () => {
  expect(Object.isFrozen(ANYONE)).toBe(true)
})
