import type { QueryParameters } from './query-parameters.js'

/** What goes to InfluxDB of a request's parameters: never more than one of a name, and no credentials. */
export type ForwardedParameters = Partial<
  Pick<
    QueryParameters,
    'db' | 'rp' | 'epoch' | 'chunked' | 'chunkSize' | 'async' | 'nodeId' | 'pretty'
  >
>

/**
 * The form of a query to InfluxDB, of which `q` is the canonical text.
 *
 * @param encoded the text, percent-encoded
 */
export function queryForm(encoded: string, parameters: ForwardedParameters): string {
  const { db, rp, epoch, chunkSize, nodeId, chunked, async } = parameters
  let form = `q=${encoded}`
  if (db) form += `&db=${encodeURIComponent(db)}`
  if (rp) form += `&rp=${encodeURIComponent(rp)}`
  if (epoch) form += `&epoch=${encodeURIComponent(epoch)}`
  if (chunked) form += '&chunked=true'
  if (chunked && chunkSize) form += `&chunk_size=${encodeURIComponent(chunkSize)}`
  if (async) form += '&async=true'
  if (nodeId) form += `&node_id=${encodeURIComponent(nodeId)}`
  return form
}

const PRETTY = 'pretty=true'

/** Where the form goes: with GET it is part of the target, with POST the body. InfluxDB reads `pretty` in the URL only. */
export function queryTarget(
  method: string | undefined,
  form: string,
  { pretty = false }: ForwardedParameters,
): { readonly target: string; readonly body: string | undefined } {
  if (method === 'GET') {
    return { target: `/query?${form}${pretty ? `&${PRETTY}` : ''}`, body: undefined }
  }
  return { target: pretty ? `/query?${PRETTY}` : '/query', body: form }
}
