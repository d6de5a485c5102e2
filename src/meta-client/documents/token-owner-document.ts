import type { TokenOwner } from '../../authz/user.js'
import { listOf, objectOf, own, textOf } from '../wire/answer-json.js'
import { invalidAnswer } from '../wire/refusal.js'

/** Whose a token is, as meta nodes write it. @throws AuthError `ERR_META_INVALID` if it is something else */
export function readOwner(value: unknown): TokenOwner {
  const owner = objectOf(value, 'owner')
  const text = (field: string) => {
    const found = textOf(own(owner, field), field)
    if (found === '') throw invalidAnswer(`an owner without ${field}`)
    return found
  }
  switch (own(owner, 'kind')) {
    case 'user':
      return Object.freeze({ kind: 'user', name: text('name') })
    case 'subject': {
      const roles = own(owner, 'roles')
      const names =
        roles === undefined ? undefined : listOf(roles, 'roles').map((role) => textOf(role, 'role'))
      return Object.freeze({
        kind: 'subject',
        issuer: text('issuer'),
        subject: text('subject'),
        ...(names && { roles: names }),
      })
    }
    case 'node':
      return Object.freeze({ kind: 'node' })
    default:
      throw invalidAnswer('an owner of an unknown kind')
  }
}
