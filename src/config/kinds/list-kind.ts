import { quoted } from '../../text/printable.js'
import { createKind, type Kind, right, wrong } from './kind.js'

export interface ListKindOptions {
  readonly expected: string
  /** What is wrong with the items, in words; undefined if nothing is. */
  readonly problem: (items: readonly string[]) => string | undefined
  readonly show?: (value: unknown) => string
}

/** Several texts: in one text separated by commas, or in an array. Spaces around an item are dropped. */
export function listKind({ expected, problem, show }: ListKindOptions): Kind<readonly string[]> {
  return createKind<readonly string[]>({
    expected,
    ...(show && { show }),
    typed(value) {
      const given = typeof value === 'string' ? separated(value) : value
      if (!Array.isArray(given) || !given.every((item) => typeof item === 'string')) return wrong()
      const items = given.map((item) => item.trim())
      const hint = problem(items)
      return hint === undefined ? right(items) : wrong(hint)
    },
    print: (items) => `[${items.map(quoted).join(', ')}]`,
  })
}

/** A text taken apart at its commas; a blank one holds nothing. */
function separated(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(',')
}
