import { Secret } from '../../text/secret.js'
import { createKind, type Kind } from './kind.js'
import { string } from './kinds.js'

export interface SecretRules {
  /** The least length in bytes of UTF-8, unless empty. @default 1 */
  readonly min?: number
  /** The greatest length in bytes of UTF-8. @default none */
  readonly max?: number
}

/** A text that is never printed; undefined when empty, which means «not set». */
export function secret({ min = 1, max }: SecretRules = {}): Kind<Secret | undefined> {
  return createKind({
    expected: `a text${sizeOf(min, max)}, without NUL`,
    isSecret: true,
    typed: string
      .refine((value) => !value.includes('\0'), { abort: true, error: '' })
      .refine((value) => value === '' || Buffer.byteLength(value) >= min, 'too short')
      .refine((value) => max === undefined || Buffer.byteLength(value) <= max, 'too long')
      .transform((value) => (value === '' ? undefined : new Secret(value))),
  })
}

function sizeOf(min: number, max: number | undefined): string {
  if (max !== undefined) return ` of ${min} to ${max} bytes`
  return min > 1 ? ` of at least ${min} bytes` : ''
}
