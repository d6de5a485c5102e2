import type { z } from 'zod'
import { shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'

/** A kind of value: what is accepted, how it is read, how it is shown. */
export interface Kind<T> {
  /** What is accepted, in plain English; follows the word «expected». */
  readonly expected: string
  /** Whether the value must not be printed. */
  readonly isSecret: boolean
  /** Reads a value that has a type already (TOML, a program). */
  readonly typed: z.ZodType<T>
  /** Reads a text (environment, command line). */
  readonly text: z.ZodType<T>
  /** The value as it was given, safe to print in a message. */
  readonly show: (value: unknown) => string
}

export interface KindOptions<T> {
  readonly expected: string
  readonly typed: z.ZodType<T>
  /** @default typed */
  readonly text?: z.ZodType<T>
  /** @default false */
  readonly isSecret?: boolean
  /** @default shortened, quoted, on one line; `***` if secret */
  readonly show?: (value: unknown) => string
}

export function createKind<T>(options: KindOptions<T>): Kind<T> {
  const { expected, typed, text = typed, isSecret = false } = options
  const show = isSecret ? () => MASK : (options.show ?? shown)
  return Object.freeze({ expected, typed, text, isSecret, show })
}

/** A checked value, or what in particular is wrong with it (`''`: nothing beside `expected`). */
export type Checked<T> = { readonly ok: true; readonly value: T } | Wrong

export interface Wrong {
  readonly ok: false
  readonly hint: string
}

/**
 * Checks one value against its kind. zod's own messages are never used: they quote the value,
 * which may be a secret.
 */
export function check<T>(kind: Kind<T>, value: unknown, isText: boolean): Checked<T> {
  const result = (isText ? kind.text : kind.typed).safeParse(value, { error: () => '' })
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, hint: result.error.issues[0]?.message ?? '' }
}

/** A zod check that gives the mistake in words: `mistake` answers undefined if there is none. */
export function mistaken<T>(mistake: (value: T) => string | undefined) {
  return (context: z.core.ParsePayload<T>): void => {
    const message = mistake(context.value)
    if (message === undefined) return
    context.issues.push({ code: 'custom', message, input: context.value })
  }
}
