/** One step of a pattern: a test of one character, or any number of them. */
type Step = ((character: string) => boolean) | 'any'

/**
 * A function that tells whether a name fits a pattern as Go's `path.Match` reads it: `*` stands for any characters but
 * slashes, `?` for one, `[a-z]` and `[^a-z]` for one of a class, `\` takes the next character as it stands. It takes a time
 * of pattern times name at most, whatever the pattern.
 *
 * @param pattern `''` fits every name; nothing fits one that is malformed, as in Kapacitor
 */
export function createNamePattern(pattern: string): (name: string) => boolean {
  if (pattern === '') return () => true
  const steps = parseSteps([...pattern])
  if (steps === undefined) return () => false
  return (name) => matches(steps, [...name])
}

/** A star takes as little as it can; when the rest does not fit, the last star takes one more. */
function matches(steps: readonly Step[], name: readonly string[]): boolean {
  let step = 0
  let at = 0
  let star = -1
  let behind = 0
  while (at < name.length) {
    const test = steps[step]
    const character = name[at] as string
    if (test === 'any') {
      star = step++
      behind = at
    } else if (test?.(character)) {
      step++
      at++
    } else {
      // What a star takes has no slash in it; an earlier star would have to go over the same one
      if (star < 0 || name[behind] === '/') return false
      at = ++behind
      step = star + 1
    }
  }
  return steps.slice(step).every((rest) => rest === 'any')
}

function parseSteps(pattern: readonly string[]): readonly Step[] | undefined {
  const steps: Step[] = []
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string
    if (character === '*') steps.push('any')
    else if (character === '?') steps.push((one) => one !== '/')
    else if (character === '[') {
      const read = parseClass(pattern, i + 1)
      if (read === undefined) return undefined
      steps.push(read.test)
      i = read.end
    } else {
      const literal = character === '\\' ? pattern[++i] : character
      if (literal === undefined) return undefined
      steps.push((one) => one === literal)
    }
  }
  return steps
}

interface CharacterClass {
  readonly test: (character: string) => boolean
  /** Where its `]` is. */
  readonly end: number
}

/** @param start behind the `[` */
function parseClass(pattern: readonly string[], start: number): CharacterClass | undefined {
  let i = start
  const isNegated = pattern[i] === '^'
  if (isNegated) i++
  const ranges: [low: number, high: number][] = []

  /** The character of a class at `i`, escaped or not. */
  function take(): number | undefined {
    const isEscaped = pattern[i] === '\\'
    if (isEscaped) i++
    const character = pattern[i]
    const isBare = !isEscaped && (character === '-' || character === ']')
    if (character === undefined || isBare) return undefined
    i++
    return character.codePointAt(0)
  }

  while (pattern[i] !== ']' || ranges.length === 0) {
    const low = take()
    if (low === undefined) return undefined
    let high: number | undefined = low
    if (pattern[i] === '-') {
      i++
      high = take()
      if (high === undefined) return undefined
    }
    ranges.push([low, high])
  }
  const test = (character: string): boolean => {
    const code = character.codePointAt(0) as number
    return ranges.some(([low, high]) => low <= code && code <= high) !== isNegated
  }
  return { test, end: i }
}
