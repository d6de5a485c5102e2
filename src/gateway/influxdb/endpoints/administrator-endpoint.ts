import { AuthError } from '../../../errors.js'
import { isAdministrator } from '../query/database-privilege.js'
import type { Handle, Reply } from './endpoint.js'

/**
 * An endpoint for administrators: Flux, of which nobody can tell what it reads, and what is below `/debug`.
 *
 * @param says why others are refused
 */
export function createAdministratorEndpoint(
  reply: Reply,
  says: (name: string | undefined) => string,
): Handle {
  return function administratorEndpoint(ctx, caller, next) {
    const { user } = caller
    if (!user || !isAdministrator(user)) {
      return reply.refuse(ctx, caller, new AuthError('ERR_PRIVILEGE_MISSING', says(user?.name)))
    }
    reply.allow(ctx, caller)
    return next()
  }
}
