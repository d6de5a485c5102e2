import { AuthError } from '../../errors.js'
import type { TokenEditor } from '../../meta-client/token-editor.js'
import { OWN_TOKEN_PREFIX } from '../../text/own-token-form.js'
import { shown } from '../../text/printable.js'
import { print } from '../../text/standard-output.js'
import { mistake } from '../mistake.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags, ShowFlags } from '../sign-in/meta-flags.js'
import { askFirst } from '../terminal/ask-first.js'
import { output, outputJson, tableOptions } from '../terminal/output.js'
import { named } from '../users/permission-text.js'
import { expiryOf } from './token-expiry.js'
import { type CreateFlags, type RevokeFlags, SIGNS, type UpdateFlags } from './token-flags.js'
import { grantsOf } from './token-grants.js'
import { renderToken, renderTokens } from './token-view.js'

/** The new token is all that standard output gets, so that `$(…)` can take it. */
export function createToken(words: readonly string[], flags: CreateFlags): Promise<void> {
  return runMetaCommand(flags, undefined, async (session) => {
    const [description] = words
    if (words.length > 1) {
      const all = shown(words.join(' '))
      throw mistake(`the description has several words: put it in quotes, ${all}`)
    }
    if (description !== undefined && flags.description !== undefined) {
      throw mistake('give the description once: as an argument, or with --description')
    }
    const permissions = grantsOf(flags)
    if (permissions.length === 0) throw nothingGranted(flags)
    const { tokens } = await session.open()
    const { accessToken, ...token } = await tokens.create({
      description: description ?? flags.description ?? '',
      permissions,
      expiresAt: newExpiry(flags),
    })
    if (flags.json) {
      await outputJson({ ...token, accessToken })
      return
    }
    await print(`${accessToken}\n`)
    process.stderr.write(`token ${token.id} created; it is shown only now\n`)
  })
}

/** Scripts for the former `token create` name a user, and nothing that the token may do. */
function nothingGranted({ username }: CreateFlags) {
  if (username !== undefined) {
    return mistake(
      'say what the token may do: --read-database, --write-database or --permission; ' +
        `for a JSON Web Token use kapacitor-auth token sign --username, ${SIGNS}`,
    )
  }
  return mistake(
    'say what the token may do: --read-database, --write-database or --permission; ' +
      'JSON Web Tokens are made by kapacitor-auth token sign',
  )
}

function newExpiry({ expires, expiresAt }: CreateFlags): string | undefined {
  if (expires !== undefined && expiresAt !== undefined) {
    throw mistake('--expires and --expires-at are the same: give one')
  }
  const text = expires ?? expiresAt
  const flag = expires === undefined ? '--expires-at' : '--expires'
  return text === undefined ? undefined : expiryOf(flag, text, Date.now()).toISOString()
}

export function listTokens(flags: ShowFlags): Promise<void> {
  return runMetaCommand(flags, undefined, async (session) => {
    const { tokens } = await session.open()
    const list = await tokens.list()
    if (flags.json) await outputJson(list)
    else await output(renderTokens(list, Date.now(), tableOptions()))
  })
}

export function showToken(id: string, flags: ShowFlags): Promise<void> {
  return withToken(id, flags, async (tokens) => {
    const token = await tokens.get(id)
    if (!token) throw new AuthError('ERR_NOT_FOUND', 'token not found')
    if (flags.json) await outputJson(token)
    else await output(renderToken(token, Date.now()))
  })
}

export function updateToken(id: string, flags: UpdateFlags): Promise<void> {
  const { description, expires, json } = flags
  return withToken(id, flags, async (tokens) => {
    const permissions = grantsOf(flags)
    const update = {
      ...(description !== undefined && { description }),
      ...(permissions.length > 0 && { permissions }),
      ...(expires !== undefined && { expiresAt: changedExpiry(expires) }),
    }
    if (Object.keys(update).length === 0) {
      throw mistake(
        'nothing to change: give --description, --expires, --read-database, --write-database or --permission',
      )
    }
    const token = await tokens.update(id, update)
    if (json) await outputJson(token)
    else await output(renderToken(token, Date.now()))
  })
}

function changedExpiry(text: string): string | null {
  return text === 'never' ? null : expiryOf('--expires', text, Date.now()).toISOString()
}

export async function revokeTokens(ids: readonly string[], flags: RevokeFlags): Promise<void> {
  let current = ''
  return runMetaCommand(
    flags,
    () => `token ${named(current)}`,
    async (session) => {
      for (const id of ids) checkId(id)
      const deed = `revoke ${ids.length === 1 ? 'token' : 'tokens'} ${ids.map(named).join(', ')}`
      await askFirst(deed, flags.yes ?? flags.force, session.terminal)
      const { tokens } = await session.open()
      for (const id of ids) {
        current = id
        await tokens.revoke(id)
        await output(`token ${named(id)} revoked\n`)
      }
    },
  )
}

function withToken(
  id: string,
  flags: MetaFlags,
  work: (tokens: TokenEditor) => Promise<void>,
): Promise<void> {
  return runMetaCommand(flags, `token ${named(id)}`, async (session) => {
    checkId(id)
    const { tokens } = await session.open()
    await work(tokens)
  })
}

function checkId(id: string): void {
  if (id === '') throw mistake('the id of the token is empty')
  if (id.startsWith(OWN_TOKEN_PREFIX)) {
    throw mistake('that is a token, not its id: keep it secret; token list shows the ids')
  }
}
