/** The middle one; of an even number, the upper of the two in the middle. */
export const median = (values) => percentile(values, 0.5)

export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]
}

/** A row of the table: the median, and from the least to the greatest. */
export function spread(values, digits = 2) {
  const round = (value) => value.toFixed(digits)
  return `${round(median(values))} (${round(Math.min(...values))}–${round(Math.max(...values))})`
}

/** Prints rows of equal keys with the columns lined up. */
export function printTable(rows) {
  const columns = Object.keys(rows[0])
  const width = (name) =>
    Math.max(name.length, ...rows.map((row) => String(row[name] ?? '').length))
  const line = (cell) =>
    columns.map((name) => String(cell(name) ?? '').padEnd(width(name))).join('  ')
  console.log(line((name) => name))
  console.log(line((name) => '-'.repeat(width(name))))
  for (const row of rows) console.log(line((name) => row[name]))
}
