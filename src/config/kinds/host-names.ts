import { z } from 'zod'
import { createKind, type Kind } from './kind.js'

/** Labels of letters, digits, `-` and `_`, joined by dots (RFC 1123 §2.1; `_` is in use). */
const HOST_NAME = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/

/** Host names without port: several in one text separated by commas, or in an array. Kept as an array. */
export const hostNames: Kind<readonly string[]> = createKind<readonly string[]>({
  expected: 'host names such as meta1.example.com; several separated by commas',
  typed: z.preprocess(
    (value) =>
      typeof value === 'string' ? value.split(',').filter((item) => item.trim() !== '') : value,
    z.array(z.string().trim().regex(HOST_NAME)),
  ),
})
