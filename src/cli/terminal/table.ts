import { escaped } from '../../text/printable.js'
import { textWidth } from '../../text/text-width.js'

/** A cell: a text in one line, or parts, between which a line may be broken. */
export type Cell = string | readonly string[]

/** Between two columns. */
const GAP = '  '

/** A column of parts is not made narrower than that. */
const NARROWEST = 24

export interface TableOptions {
  /** Columns of the terminal; what is wider is broken between parts. @default no limit */
  readonly width?: number | undefined
  /** Makes the heading stand out. @default left as it is */
  readonly heading?: ((text: string) => string) | undefined
}

/**
 * A table with aligned columns. Wide characters are reckoned with; control characters, and what reorders text, are
 * escaped. No line ends in spaces.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  { width = Number.POSITIVE_INFINITY, heading = (text) => text }: TableOptions = {},
): string {
  const clean = rows.map((row) => row.map(cleaned))
  const widths = fit(naturalWidths(headings, clean), clean, width)
  const lines = [heading(joined(headings, widths))]
  for (const row of clean) {
    const columns = row.map((cell, i) => broken(cell, widths[i] as number))
    const height = Math.max(...columns.map((column) => column.length))
    for (let i = 0; i < height; i++) {
      lines.push(
        joined(
          columns.map((column) => column[i] ?? ''),
          widths,
        ),
      )
    }
  }
  return `${lines.join('\n')}\n`
}

function cleaned(cell: Cell): Cell {
  return typeof cell === 'string' ? escaped(cell) : cell.map(escaped)
}

function naturalWidths(headings: readonly string[], rows: readonly (readonly Cell[])[]): number[] {
  const widths = headings.map(textWidth)
  for (const row of rows) {
    for (const [i, cell] of row.entries()) {
      const text = typeof cell === 'string' ? cell : cell.join(' ')
      widths[i] = Math.max(widths[i] as number, textWidth(text))
    }
  }
  return widths
}

/** Takes what is too much from the widest column of parts, again and again. */
function fit(widths: number[], rows: readonly (readonly Cell[])[], limit: number): number[] {
  const isBreakable = widths.map((_, i) => rows.some((row) => typeof row[i] !== 'string'))
  for (;;) {
    const total = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1))
    const candidates = [...widths.keys()].filter(
      (i) => isBreakable[i] && (widths[i] as number) > NARROWEST,
    )
    if (total <= limit || candidates.length === 0) return widths
    const widest = candidates.reduce((a, b) =>
      (widths[b] as number) > (widths[a] as number) ? b : a,
    )
    const others = candidates.filter((i) => i !== widest).map((i) => widths[i] as number)
    const next = Math.max(NARROWEST, ...others.map((other) => other - 1))
    const current = widths[widest] as number
    widths[widest] = Math.max(Math.min(next, current - 1), current - (total - limit))
  }
}

/** The lines of a cell; a part that is too wide by itself stands alone. */
function broken(cell: Cell, width: number): string[] {
  if (typeof cell === 'string') return [cell]
  const lines: string[] = []
  let line = ''
  for (const part of cell) {
    const longer = line === '' ? part : `${line} ${part}`
    if (line === '' || textWidth(longer) <= width) line = longer
    else {
      lines.push(line)
      line = part
    }
  }
  lines.push(line)
  return lines
}

function joined(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map(
    (cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] as number) - textWidth(cell))),
  )
  return padded.join(GAP).trimEnd()
}
