import type { KapacitorUser } from './kapacitor-user.js'
import { USER_FIELDS, type UserField } from './list-parameters.js'

/** Where Kapacitor's users are. */
export const USERS_PATH = '/kapacitor/v1/users'

/** A user as `GET /users/NAME` writes one. */
export function userDocument({ name, type, permissions }: KapacitorUser): string {
  return print({ link: linkTo(name), name, type, permissions })
}

/** Users as `GET /users` writes them: with these fields of each, in the order of their letters. */
export function userList(users: readonly KapacitorUser[], fields: ReadonlySet<UserField>): string {
  const shown = USER_FIELDS.filter((field) => fields.has(field))
  return print({
    users: users.map((user) => {
      const all = { link: linkTo(user.name), ...user }
      return Object.fromEntries(shown.map((field) => [field, all[field]]))
    }),
  })
}

/** The name stands in it as it is: Go's client encodes it when it asks. */
function linkTo(name: string): object {
  return { rel: 'self', href: `${USERS_PATH}/${name}` }
}

/** What Go writes as an escape where JSON needs none. */
const ESCAPED = /[<>&\u2028\u2029]/g

/** JSON as Kapacitor prints it: four spaces, and what could end a script in HTML escaped. */
function print(value: object): string {
  return JSON.stringify(value, undefined, 4).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
