import { rmSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/influxql/parse.js'
import { printRedacted, printStatement } from '../../src/influxql/print.js'
import { requiredPrivileges } from '../../src/influxql/privileges.js'
import { parseParameters } from '../../src/influxql/values/bound-parameters.js'
import { ERROR_DEVIATIONS, TEXT_DEVIATIONS } from '../support/influxql-deviations.js'
import { InfluxqlGenerator } from '../support/influxql-generator.js'
import { type Answer, buildOracle, Oracle, type Question, whyNoOracle } from '../support/influxql-oracle.js'

/** More are asked by hand: INFLUXQL_STATEMENTS=1000000 INFLUXQL_SEED=7 npx vitest run test/influxql/oracle.test.ts */
const COUNT = Number(process.env.INFLUXQL_STATEMENTS ?? 100_000)
const SEED = Number(process.env.INFLUXQL_SEED ?? 1)
const BATCH = 1000

/** How many kinds of statements there are to parse: all must have been made up. */
const STATEMENT_KINDS = 44

const missing = whyNoOracle()
if (missing !== undefined && !process.env.CI) console.warn(`InfluxQL is not compared with the real one: ${missing}`)

const WORDS = { none: 'NO PRIVILEGES', read: 'READ', write: 'WRITE', all: 'ALL PRIVILEGES' }

/** What we make of a question. */
function ours({ query, params }: Question) {
  const { parameters, error } = params === undefined ? {} : parseParameters(params)
  if (error !== undefined) return { error }
  const parsed = parseQuery(query, parameters && { parameters })
  if (parsed.error !== undefined) return { error: parsed.error.message }
  const { statements } = parsed
  return {
    statements,
    printed: statements.map(printStatement).join(';\n'),
    texts: statements.map(printRedacted),
    privileges: statements.map((statement) =>
      requiredPrivileges(statement).map((one) => ({ ...one, privilege: WORDS[one.privilege] })),
    ),
  }
}

/** What is wrong, in words; and which deviations have been seen. */
function compare(question: Question, mine: ReturnType<typeof ours>, theirs: Answer, seen: Set<string>): string | undefined {
  if (mine.error !== undefined || theirs.error !== undefined) {
    if (mine.error === theirs.error) return undefined
    const disagreement = { query: question.query, ours: mine.error, theirs: theirs.error }
    const deviation = ERROR_DEVIATIONS.find(({ isSeen }) => isSeen(disagreement))
    if (deviation) seen.add(deviation.name)
    return deviation ? undefined : 'error'
  }
  if (theirs.differs !== undefined) return `printed is another query: ${theirs.differs}`
  if (!isDeepStrictEqual(mine.privileges, theirs.privileges ?? [])) return 'privileges'
  if (!isDeepStrictEqual(parseQuery(mine.printed).statements, mine.statements)) return 'printed is parsed to another one'
  if (isDeepStrictEqual(mine.texts, theirs.texts ?? [])) return undefined
  const names = TEXT_DEVIATIONS.filter(({ pattern }) => mine.texts.some((text) => pattern.test(text))).map(({ name }) => name)
  for (const name of names) seen.add(name)
  return theirs.lossy && names.length > 0 ? undefined : 'text'
}

describe.skipIf(missing !== undefined && !process.env.CI)('beside the real InfluxQL,', () => {
  let program = ''
  let oracle: Oracle

  beforeAll(() => {
    if (missing !== undefined) throw new Error(missing)
    program = buildOracle()
    oracle = new Oracle(program)
  }, 300_000)

  afterAll(async () => {
    await oracle?.end()
    rmSync(program, { force: true })
  })

  test('made-up queries, right and wrong, are the same ones, but for what is listed', async () => {
    const generator = new InfluxqlGenerator(SEED)
    const seen = new Set<string>()
    const wrong: unknown[] = []
    const kinds = new Set<string>()
    let accepted = 0
    for (let done = 0; done < COUNT && wrong.length === 0; done += BATCH) {
      const questions: Question[] = Array.from({ length: BATCH }, () => generator.question())
      const mine = questions.map(ours)
      const answers = await oracle.ask(questions.map((question, i) => ({ ...question, printed: mine[i]?.printed })))
      for (const [i, answer] of answers.entries()) {
        const question = questions[i] as Question
        const my = mine[i] as ReturnType<typeof ours>
        if (my.error === undefined) accepted++
        for (const { kind } of my.statements ?? []) kinds.add(kind)
        const what = compare(question, my, answer, seen)
        if (what !== undefined) wrong.push({ what, question, ours: my, theirs: answer })
      }
    }
    expect(wrong).toEqual([])
    expect(accepted).toBeGreaterThan(COUNT * 0.4)
    expect(kinds.size).toBe(STATEMENT_KINDS)
    const listed = [...ERROR_DEVIATIONS, ...TEXT_DEVIATIONS].map(({ name }) => name)
    expect([...seen].sort()).toEqual(listed.sort())
  }, 3_600_000)
})
