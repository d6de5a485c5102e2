import type { Permissions } from '../authz/permission.js'

/** What a `POST /user` asks for. */
export type UserChange =
  | {
      readonly action: 'create' | 'change-password'
      readonly name: string
      readonly password: string
    }
  | { readonly action: 'delete'; readonly name: string }
  | {
      readonly action: 'add-permissions' | 'remove-permissions'
      readonly name: string
      readonly permissions: Permissions
    }

/** What a `POST /role` asks for. */
export type RoleChange =
  | { readonly action: 'create' | 'delete'; readonly name: string }
  | { readonly action: 'change-name'; readonly name: string; readonly newName: string }
  | {
      readonly action: 'add-users' | 'remove-users'
      readonly name: string
      readonly users: readonly string[]
    }
  | {
      readonly action: 'add-permissions' | 'remove-permissions'
      readonly name: string
      readonly permissions: Permissions
    }
