import type { IncomingMessage } from 'node:http'
import { type Fields, joinFields, parseFields, queryOf } from './form-fields.js'
import { boundaryOf, parseMultipart } from './multipart-form.js'
import { readQueryBody } from './read-query-body.js'

/** The parameters of a request to `/query`, each as InfluxDB would take it. */
export interface QueryParameters {
  /** The text of the query; empty if there is none. */
  readonly q: string
  readonly db: string
  readonly rp: string
  readonly epoch: string
  readonly params: string
  readonly chunkSize: string
  readonly nodeId: string
  readonly chunked: boolean
  readonly async: boolean
  /** Of the URL only. */
  readonly pretty: boolean
}

const NO_FIELDS: Fields = new Map()
const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i

/**
 * Reads the parameters of a request as Go's `FormValue` does: those of a form in the body of a POST count before those of
 * the URL, these before those of a multipart body; of several the first. `q` may also be a file of a multipart body. A body
 * that is not what its type says counts for nothing.
 *
 * @throws AuthError as `readQueryBody`
 */
export async function readQueryParameters(req: IncomingMessage): Promise<QueryParameters> {
  const url = parseFields(queryOf(req.url ?? ''))
  const { form, files } = await readForm(req, url)
  const value = (name: string) => form.get(name)?.[0] ?? ''
  return {
    q: trimSpace(value('q')) || (files.get('q')?.[0] ?? ''),
    db: value('db'),
    rp: value('rp'),
    epoch: trimSpace(value('epoch')),
    params: value('params'),
    chunkSize: value('chunk_size'),
    nodeId: value('node_id'),
    chunked: value('chunked') === 'true',
    async: value('async') === 'true',
    pretty: url.get('pretty')?.[0] === 'true',
  }
}

async function readForm(
  req: IncomingMessage,
  url: Fields,
): Promise<{ readonly form: Fields; readonly files: Fields }> {
  const none = { form: url, files: NO_FIELDS }
  if (req.method !== 'POST') return none
  const type = req.headers['content-type'] ?? ''
  const boundary = boundaryOf(type)
  if (boundary === undefined && !FORM.test(type)) return none
  const body = await readQueryBody(req)
  if (boundary === undefined) {
    return { form: joinFields(parseFields(body.toString('latin1')), url), files: NO_FIELDS }
  }
  const parts = parseMultipart(body, boundary)
  return parts === undefined ? none : { form: joinFields(url, parts.fields), files: parts.files }
}

/** What `trim` takes away, but as Go has it: U+0085 too, and not the byte order mark. */
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const START = new RegExp(`^${SPACE}+`)
const LAST = new RegExp(SPACE)

function trimSpace(text: string): string {
  let end = text.length
  while (end > 0 && LAST.test(text.charAt(end - 1))) end--
  return text.slice(0, end).replace(START, '')
}
