import { MASK, Secret } from '../../text/secret.js'
import { createKind, type Kind, right, wrong } from './kind.js'
import { isVariable, readText, UNEXPANDED } from './kinds.js'

export interface SecretRules {
  /** The least length in bytes of UTF-8, unless empty. @default 1 */
  readonly min?: number
  /** The greatest length in bytes of UTF-8. @default none */
  readonly max?: number
}

/**
 * A text that is never printed; undefined when empty, which means "not set". What is wrong with one is always said, since nobody
 * sees the value in the message.
 */
export function secret({ min = 1, max }: SecretRules = {}): Kind<Secret | undefined> {
  const text = readText((value) => {
    const size = Buffer.byteLength(value)
    if (value.includes('\0')) return 'there is a NUL in it'
    if (isVariable(value)) return UNEXPANDED
    if (value !== '' && size < min) return 'too short'
    return max !== undefined && size > max ? 'too long' : undefined
  })
  return createKind<Secret | undefined>({
    expected: `a text${sizeOf(min, max)}, without NUL`,
    isSecret: true,
    typed(value) {
      const checked = text(value)
      if (!checked.ok) return wrong(checked.hint || 'it is not a text')
      return right(checked.value === '' ? undefined : new Secret(checked.value))
    },
    print: (value) => (value === undefined ? '""' : MASK),
  })
}

function sizeOf(min: number, max: number | undefined): string {
  if (max !== undefined) return ` of ${min} to ${max} bytes`
  return min > 1 ? ` of at least ${min} bytes` : ''
}
