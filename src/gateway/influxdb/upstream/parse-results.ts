import { type Json, type JsonObject, parseJson } from '../../../influxql/values/json.js'
import { ExactNumber, type Message, type Result, type Row, type Value } from '../answer/result.js'

/** What an InfluxDB answered: results of statements, or an error of the whole request; undefined if it is neither. */
export type ParsedAnswer =
  | { readonly results: readonly Result[]; readonly error?: undefined }
  | { readonly results?: undefined; readonly error: string }

/** Reads an answer in JSON, not chunked. Numbers stay as they are written. */
export function parseResults(text: string): ParsedAnswer | undefined {
  let json: Json
  try {
    json = parseJson(text)
  } catch {
    return undefined
  }
  if (!isObject(json)) return undefined
  const error = json.get('error')
  if (typeof error === 'string') return { error }
  const results = json.get('results') ?? []
  return Array.isArray(results) ? { results: results.filter(isObject).map(resultOf) } : undefined
}

function resultOf(json: JsonObject): Result {
  const error = json.get('error')
  return {
    statementId: Number(numberOf(json.get('statement_id'))),
    ...(json.has('series') && { series: listOf(json.get('series')).map(rowOf) }),
    ...(json.has('messages') && { messages: listOf(json.get('messages')).map(messageOf) }),
    ...(json.get('partial') === true && { partial: true }),
    ...(typeof error === 'string' && { error }),
  }
}

function rowOf(json: JsonObject): Row {
  const values = json.get('values')
  const tags = json.get('tags')
  return {
    name: textOf(json.get('name')),
    columns: itemsOf(json.get('columns')).map(textOf),
    ...(isObject(tags) && {
      tags: Object.fromEntries([...tags].map(([key, value]) => [key, textOf(value)])),
    }),
    ...(Array.isArray(values) && { values: values.map((row) => itemsOf(row).map(cellOf)) }),
    ...(json.get('partial') === true && { partial: true }),
  }
}

function messageOf(json: JsonObject): Message {
  return { level: textOf(json.get('level')), text: textOf(json.get('text')) }
}

function cellOf(json: Json): Value {
  if (json === null || typeof json !== 'object') return json
  if (isList(json)) return json.map(textOf)
  return 'number' in json ? new ExactNumber(json.number) : null
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json)
const isObject = (json: Json | undefined): json is JsonObject => json instanceof Map
const itemsOf = (json: Json | undefined) => (Array.isArray(json) ? (json as readonly Json[]) : [])
const listOf = (json: Json | undefined) => itemsOf(json).filter(isObject)
const textOf = (json: Json | undefined) => (typeof json === 'string' ? json : '')

function numberOf(json: Json | undefined): string {
  return typeof json === 'object' && json !== null && 'number' in json ? json.number : '0'
}
