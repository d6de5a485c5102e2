import { shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'

/** A value that passed its check, or what in particular is wrong with it (`''`: nothing beyond `expected`). */
export type Checked<T> = { readonly ok: true; readonly value: T } | Wrong

export interface Wrong {
  readonly ok: false
  /** In plain English. It never repeats the value, which may be a secret. */
  readonly hint: string
}

/** Reads a value of any type. Never throws. */
export type Reader<T> = (value: unknown) => Checked<T>

/** A kind of value: what is accepted, how it is read, how it is shown. */
export interface Kind<T> {
  /** What is accepted, in plain English; follows the word "expected". */
  readonly expected: string
  /** Whether the value must not be printed. */
  readonly isSecret: boolean
  /** Reads a value that has a type already (TOML, a program). */
  readonly typed: Reader<T>
  /** Reads a text (environment, command line). */
  readonly text: Reader<T>
  /** The value as it was given, safe to print in a message. */
  readonly show: (value: unknown) => string
  /** A value that was read, as TOML: reading that gives the value again. A secret is masked. */
  print(value: T): string
}

export interface KindOptions<T> {
  readonly expected: string
  readonly typed: Reader<T>
  /** @default typed */
  readonly text?: Reader<T>
  /** @default false */
  readonly isSecret?: boolean
  /** @default shortened, quoted, on one line; `***` if secret */
  readonly show?: (value: unknown) => string
  print(value: T): string
}

export function createKind<T>(options: KindOptions<T>): Kind<T> {
  const { expected, typed, text = typed, isSecret = false, print } = options
  const show = isSecret ? () => MASK : (options.show ?? shown)
  return Object.freeze({ expected, typed, text, isSecret, show, print })
}

/** Checks one value against its kind. */
export function check<T>(kind: Kind<T>, value: unknown, isText: boolean): Checked<T> {
  return isText ? kind.text(value) : kind.typed(value)
}

export function right<T>(value: T): Checked<T> {
  return { ok: true, value }
}

export function wrong(hint = ''): Wrong {
  return { ok: false, hint }
}
