import type { Fields } from './form-fields.js'

/** What a `multipart/form-data` body holds (RFC 7578): fields, and the texts of files. */
export interface MultipartForm {
  readonly fields: Fields
  readonly files: Fields
}

const DISPOSITION = /^content-disposition:[ \t]*form-data[ \t]*(;.*)$/im
const PARAMETER = /;[ \t]*([\w*]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))/g

/** How many parts are read. A request has a handful. */
const MOST_PARTS = 100

/** The boundary of a media type; undefined if it is not `multipart/form-data` with one. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data[ \t]*;/i.test(contentType)) return undefined
  const [, quoted, bare] =
    /;[ \t]*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? bare
}

/**
 * Reads the parts of a body; undefined if it is not one with that boundary. As with Go, lines may also end in a bare line
 * feed, if the first one does.
 */
export function parseMultipart(body: Buffer, boundary: string): MultipartForm | undefined {
  const newline = body.includes(`--${boundary}\n`) ? '\n' : '\r\n'
  const mark = Buffer.from(`${newline}--${boundary}`)
  const headersEnd = Buffer.from(newline + newline)
  // The first boundary may stand at the very beginning
  const all = Buffer.concat([Buffer.from(newline), body])
  const fields = new Map<string, string[]>()
  const files = new Map<string, string[]>()
  let at = all.indexOf(mark)
  for (let count = 0; at >= 0; count++) {
    const start = at + mark.length
    if (all.subarray(start, start + 2).toString('latin1') === '--') return { fields, files }
    const end = all.indexOf(mark, start)
    if (end < 0 || count === MOST_PARTS) return undefined
    addPart(all.subarray(start, end), headersEnd, fields, files)
    at = end
  }
  return undefined
}

function addPart(
  part: Buffer,
  headersEnd: Buffer,
  fields: Map<string, string[]>,
  files: Map<string, string[]>,
): void {
  const end = part.indexOf(headersEnd)
  const [, parameters] = DISPOSITION.exec(part.toString('utf8', 0, Math.max(end, 0))) ?? []
  if (end < 0 || parameters === undefined) return
  let name: string | undefined
  let isFile = false
  for (const [, key = '', quoted, bare = ''] of parameters.matchAll(PARAMETER)) {
    if (key.toLowerCase() === 'name') name = quoted?.replace(/\\(.)/g, '$1') ?? bare
    if (/^filename\*?$/i.test(key)) isFile = true
  }
  if (name === undefined) return
  const into = isFile ? files : fields
  into.set(name, [...(into.get(name) ?? []), part.toString('utf8', end + headersEnd.length)])
}
