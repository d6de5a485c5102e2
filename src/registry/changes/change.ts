import type { Permissions } from '../../authz/permission.js'

/** What a `POST /user` asks for. */
export type UserChange = { readonly subject: 'user'; readonly name: string } & (
  | {
      readonly action: 'create'
      readonly password: string
      /** What the new user is granted in the same change. */
      readonly permissions?: Permissions | undefined
    }
  | { readonly action: 'change-password'; readonly password: string }
  | { readonly action: 'delete' }
  | {
      readonly action: 'add-permissions' | 'remove-permissions'
      readonly permissions: Permissions
    }
)

/** What a `POST /role` asks for. */
export type RoleChange = { readonly subject: 'role'; readonly name: string } & (
  | { readonly action: 'create' | 'delete' }
  | { readonly action: 'change-name'; readonly newName: string }
  | { readonly action: 'add-users' | 'remove-users'; readonly users: readonly string[] }
  | {
      readonly action: 'add-permissions' | 'remove-permissions'
      readonly permissions: Permissions
    }
)

/** A change of one user or one role. */
export type RegistryChange = UserChange | RoleChange
