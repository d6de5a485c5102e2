import { shown } from '../../text/printable.js'
import type { Kind } from './kind.js'
import { listKind } from './list-kind.js'

/** Labels of letters, digits, `-` and `_`, joined by dots (RFC 1123 §2.1; `_` is in use). */
const HOST_NAME = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/

/** Host names without port: several in one text separated by commas, or in an array. Kept as an array. */
export const hostNames: Kind<readonly string[]> = listKind({
  expected: 'host names such as meta1.example.com; several separated by commas',
  problem(items) {
    const bad = items.find((item) => !HOST_NAME.test(item))
    return bad === undefined ? undefined : `${shown(bad)} is not a host name`
  },
})
