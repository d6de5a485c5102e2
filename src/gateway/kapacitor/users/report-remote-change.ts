import { failureOf } from '../../../errors.js'
import type { MetaEditor } from '../../../meta-client/editor.js'
import type { UserChange } from '../../../registry/changes/change.js'
import type { ChangedState, ChangeReport } from '../../../registry/changes/change-report.js'
import { grantsObject } from '../../../registry/grants.js'

/**
 * Makes a change of a meta node's user by `make`, and reports what became of it, with the user's permissions before and
 * after as far as the node tells them; what `make` throws is thrown on.
 */
export async function reportRemoteChange(
  change: UserChange,
  editor: Pick<MetaEditor, 'user'>,
  report: (report: ChangeReport) => void,
  make: () => Promise<void>,
): Promise<void> {
  const { subject, action, name } = change
  const head = { change: action, subject, name } as const
  const isPassword = action === 'change-password'

  /** A change that is made is reported, whether or not the node still answers. */
  async function state(): Promise<ChangedState | undefined> {
    const user = isPassword ? undefined : await editor.user(name).catch(() => undefined)
    return user && { permissions: grantsObject(user.permissions) ?? {} }
  }

  const before = await state()
  try {
    await make()
  } catch (error) {
    report({ ...head, ...failureOf(error) })
    throw error
  }
  const after = await state()
  const isSame = !isPassword && JSON.stringify(before) === JSON.stringify(after)
  report({ ...head, ...(isSame ? { outcome: 'unchanged' } : { outcome: 'made', before, after }) })
}
