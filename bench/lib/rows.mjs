// A row of the bench's table: what it says, the figure of each round, and what it must reach.
import { median, printTable, spread } from './figures.mjs'

/**
 * @param {string} name
 * @param {number[]} values one for each round
 * @param {{ floor?: number, aim?: number, better?: 'more' | 'less', digits?: number }} [goal] `floor` and `aim` are the
 *   least where `better` is 'more', the most where it is 'less'
 */
export const row = (name, values, { better = 'more', digits = 2, ...goal } = {}) => ({
  name,
  values,
  better,
  digits,
  ...goal,
})

/** Prints rows with the columns lined up; a string among them is a heading. */
export function printRows(rows) {
  printTable(
    rows.map((one) =>
      typeof one === 'string'
        ? { row: one, 'median (least–most)': '', floor: '', aim: '', '': '' }
        : {
            row: `  ${one.name}`,
            'median (least–most)': spread(one.values, one.digits),
            floor: bound(one, one.floor),
            aim: bound(one, one.aim),
            '': verdict(one),
          },
    ),
  )
}

const bound = ({ better }, value) =>
  value === undefined ? '' : `${better === 'more' ? '≥' : '≤'} ${value}`

function verdict({ values, floor, aim, better }) {
  if (floor === undefined) return ''
  const reaches = (goal) => (better === 'more' ? median(values) >= goal : median(values) <= goal)
  if (aim !== undefined && reaches(aim)) return 'aim met'
  return reaches(floor) ? 'met' : 'BELOW'
}
