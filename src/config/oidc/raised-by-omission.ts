import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import type { Config } from '../config.js'
import { line } from '../problem.js'
import { CUT_SHORT } from './read-oidc-users.js'

/** More lines than this help nobody. */
const MOST = 20

/**
 * Who would become an administrator only because `userGroups` is missing, although they are an auditor or a member in
 * the configuration in force: the file is rather cut short than meant so. A line each, which says what to write.
 */
export function raisedByOmission(inForce: Config, { impliedAdmins = [] }: Config): string[] {
  const { auditors, members } = inForce.oidc
  const groupOf = new Map([
    ...members.map((id) => [id, 'Member'] as const),
    ...auditors.map((id) => [id, 'Auditor'] as const),
  ])
  const problems = impliedAdmins.flatMap(({ id, where }) => {
    const group = groupOf.get(id)
    if (group === undefined) return []
    const change = `${shown(id)} is ${group} now, and without userGroups would become Admin`
    return [
      line(where, `${change}: write userGroups: [${group}] or userGroups: [Admin]; ${CUT_SHORT}`),
    ]
  })
  return problems.slice(0, MOST)
}

/** @throws AuthError `ERR_CONFIG_INVALID` that has these lines */
export function refuseRaisedByOmission(inForce: Config, next: Config): void {
  const problems = raisedByOmission(inForce, next)
  if (problems.length > 0) throw new AuthError('ERR_CONFIG_INVALID', problems.join('\n'))
}
