import { grantsObject } from '../registry/grants.js'
import type { RegistryState, Role } from '../registry/registry-state.js'
import type { NamedUser } from '../registry/user-record.js'

/** A user as `GET /user` writes it. */
function userDocument({ name, hash, permissions }: NamedUser, hasHash: boolean): string {
  return JSON.stringify({ name, ...(hasHash && { hash }), permissions: grantsObject(permissions) })
}

/** A role as `GET /role` writes it, in pieces: a member at a time. */
async function* roleDocument({ name, permissions, users }: Role): AsyncGenerator<string> {
  const start = JSON.stringify({ name, permissions: grantsObject(permissions) })
  let separator = `${start.slice(0, -1)},"users":[`
  for await (const user of users()) {
    yield separator + JSON.stringify(user)
    separator = ','
  }
  yield separator === ',' ? ']}' : start
}

/** `{"users":[…]}`, in pieces; `{}` when there are none, as Go leaves out what is empty. */
async function* userList(
  users: AsyncIterable<NamedUser>,
  hasHashes: boolean,
): AsyncGenerator<string> {
  let separator = '{"users":['
  for await (const user of users) {
    yield separator + userDocument(user, hasHashes)
    separator = ','
  }
  yield separator === ',' ? ']}' : '{}'
}

/** `{"roles":[…]}`, in pieces; `{}` when there are none. */
async function* roleList(roles: AsyncIterable<Role>): AsyncGenerator<string> {
  let separator = '{"roles":['
  for await (const role of roles) {
    yield separator
    yield* roleDocument(role)
    separator = ','
  }
  yield separator === ',' ? ']}' : '{}'
}

export interface UsersAnswerOptions {
  /** Whether users come in the order of their creation. @default false: of their names */
  readonly isByCreation?: boolean
  /** Whether their hashes are shown. @default true */
  readonly hasHashes?: boolean
}

/** All users, or the one of that name; undefined if there is none of it. */
export async function usersAnswer(
  state: RegistryState,
  name: string | undefined,
  { isByCreation = false, hasHashes = true }: UsersAnswerOptions = {},
): Promise<AsyncIterable<string> | undefined> {
  if (name === undefined) {
    return userList(isByCreation ? state.usersByCreation() : state.users(), hasHashes)
  }
  const user = await state.user(name)
  return user && userList(only(user), hasHashes)
}

/** All roles, or the one of that name; undefined if there is none of it. */
export async function rolesAnswer(
  state: RegistryState,
  name: string | undefined,
): Promise<AsyncIterable<string> | undefined> {
  if (name === undefined) return roleList(state.roles())
  const role = await state.role(name)
  return role && roleList(only(role))
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item
}
