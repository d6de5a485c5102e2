import { AuthError } from '../../errors.js'
import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import { UNUSED_AGE } from '../../subscriptions/revocation-delays.js'
import { nextName } from '../../subscriptions/subscription-name.js'
import { formatDuration, type Milliseconds, pause } from '../../time.js'
import { mistake } from '../mistake.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import { dropCommand, revokeCommand } from './apply-subscription.js'
import { type ApplyFlags, makeSubscription, postedAddress } from './make-subscription.js'
import { namedSubscription, tokenText } from './named-subscription.js'

export interface RotateFlags extends ApplyFlags {
  /** How long the old token stays valid. @default UNUSED_AGE */
  readonly grace?: Milliseconds
}

/** New subscriptions take the place of others; with `--apply` the old tokens are revoked in the end. */
export async function rotate(ids: readonly string[], flags: RotateFlags): Promise<void> {
  let current = ''
  await runMetaCommand(
    flags,
    () => tokenText(current),
    async (session) => {
      const { subscriptions: editor } = await session.open()
      const replaced: string[] = []
      const failures: unknown[] = []
      for (const id of ids) {
        current = id
        try {
          await rotateOne(id, editor, flags)
          replaced.push(id)
        } catch (error) {
          failures.push(error)
          break
        }
      }
      if (flags.apply)
        failures.push(...(await revokeReplaced(replaced, editor, flags.grace ?? UNUSED_AGE)))
      throwAll(failures)
    },
  )
}

/** @throws AuthError why it is not replaced, or what is left of it */
async function rotateOne(
  id: string,
  editor: SubscriptionEditor,
  flags: RotateFlags,
): Promise<void> {
  const { database, policy, name, gateway, revokedAt } = await namedSubscription(editor, id)
  if (revokedAt !== undefined) throw mistake(`the token ${id} is revoked already`)
  if (gateway !== undefined && !flags.apply) {
    throw mistake(`a gateway keeps the subscription of ${id}: use --apply`)
  }
  const address = gateway ?? postedAddress(flags)
  const next = { database, policy, name: nextName(name), address, replaced: [name], gateway }
  const [left] = await makeSubscription({ ...next, replacedToken: id }, editor, flags)
  if (left) {
    throw mistake(
      `the old subscription "${left.name}" could not be dropped: ${left.error}. Points come twice, and its token ${id} stays valid, until you run ${dropCommand(id)}`,
    )
  }
  if (!flags.apply) process.stderr.write(`then run: ${revokeCommand(id)}\n`)
}

/** @returns an error for each token that is not revoked */
async function revokeReplaced(
  ids: readonly string[],
  editor: SubscriptionEditor,
  grace: Milliseconds,
): Promise<readonly unknown[]> {
  if (ids.length > 0 && grace > 0) {
    const [what, them] = ids.length === 1 ? ['token', 'is'] : ['tokens', 'are']
    process.stderr.write(
      `the old ${what} ${them} revoked in ${formatDuration(grace)}, when InfluxDB has sent what it had queued\n`,
    )
    await pause(grace)
  }
  const failures: unknown[] = []
  for (const id of ids) {
    try {
      await editor.revoke(id)
      process.stderr.write(`token ${id} revoked\n`)
    } catch (error) {
      const says = error instanceof Error ? error.message : 'unknown'
      failures.push(
        mistake(`the old token ${id} could not be revoked, run ${revokeCommand(id)}: ${says}`),
      )
    }
  }
  return failures
}

/** What is not ours is thrown as it is; several of ours become one. */
function throwAll(failures: readonly unknown[]): void {
  const [first] = failures
  if (first === undefined) return
  const others = failures.slice(1).flatMap((one) => (one instanceof Error ? one.message : []))
  if (!(first instanceof AuthError) || others.length === 0) throw first
  throw new AuthError(first.code, [first.message, ...others].join('; '))
}
