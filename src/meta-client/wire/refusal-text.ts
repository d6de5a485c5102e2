import { escaped } from '../../text/printable.js'
import { errorText, objectOf } from './answer-json.js'
import type { Answer } from './meta-exchange.js'

/** The most that is shown of what a node says, in characters. */
const LONGEST = 300

/**
 * What an answer says for people: its `{"error":…}`, or a short line of plain text, as Go's servers write one.
 * Undefined for anything else, a page in HTML say. Control characters are escaped, and each of `secrets` is masked:
 * a server may put anything into its errors.
 */
export function refusalText({ body }: Answer, secrets: readonly string[]): string | undefined {
  let text = new TextDecoder().decode(body).trim()
  try {
    text = errorText(objectOf(JSON.parse(text), 'the answer'))?.trim() ?? ''
  } catch {
    if (/^[<{[]/.test(text) || text.includes('\n') || text.length > LONGEST) return undefined
  }
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '***')
  const characters = [...text]
  const short = characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : text
  return short === '' ? undefined : escaped(short)
}
