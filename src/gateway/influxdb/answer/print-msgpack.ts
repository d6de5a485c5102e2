import { ExactNumber, type Result, type Row, type Value } from './result.js'

/** Results as InfluxDB writes them in MessagePack: keys and their order are its own. */
export function printMsgpackResults(results: readonly Result[]): Buffer {
  return Buffer.concat([
    head(0x80, 1),
    text('results'),
    head(0x90, results.length),
    ...results.map(printResult),
  ])
}

/** An error as the whole answer. */
export function printMsgpackError(error: string): Buffer {
  return Buffer.concat([head(0x80, 1), text('error'), text(error)])
}

function printResult({ statementId, series = [], messages, partial, error }: Result): Buffer {
  if (error !== undefined) return printMsgpackError(error)
  return map([
    ['statement_id', printNumber(statementId)],
    messages && [
      'messages',
      array(
        messages.map(({ level, text: says }) =>
          map([
            ['level', text(level)],
            ['text', text(says)],
          ]),
        ),
      ),
    ],
    ['series', array(series.map(printRow))],
    partial && ['partial', boolean(true)],
  ])
}

function printRow({ name, tags, columns, values = [], partial }: Row): Buffer {
  return map([
    name ? ['name', text(name)] : undefined,
    tags && ['tags', map(Object.entries(tags).map(([key, value]) => [key, text(value)]))],
    ['columns', array(columns.map(text))],
    [
      'values',
      array(values.map((row) => array(row.map((value, i) => printCell(value, columns[i]))))),
    ],
    partial && ['partial', boolean(true)],
  ])
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/

/** A time that is not a number of some unit has a type of its own: seconds and nanoseconds. */
function printCell(value: Value, column: string | undefined): Buffer {
  const [, second, fraction = ''] =
    (column === 'time' && typeof value === 'string' && TIME.exec(value)) || []
  if (second === undefined) return printValue(value)
  const bytes = Buffer.alloc(15)
  bytes.set([0xc7, 12, 5])
  bytes.writeBigInt64BE(BigInt(Date.parse(`${second}Z`) / 1000), 3)
  bytes.writeInt32BE(Number(fraction.padEnd(9, '0')), 11)
  return bytes
}

function printValue(value: Value): Buffer {
  if (value === null) return Buffer.of(0xc0)
  if (typeof value === 'string') return text(value)
  if (typeof value === 'boolean') return boolean(value)
  if (isList(value)) return array(value.map(text))
  return printNumber(value instanceof ExactNumber ? exactly(value.text) : value)
}

const isList = (value: Value): value is readonly string[] => Array.isArray(value)

/** An integer as it is, whatever its size; anything else as a double. */
function exactly(number: string): number | bigint {
  return /^-?\d+$/.test(number) ? BigInt(number) : Number(number)
}

function printNumber(value: number | bigint): Buffer {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    const bytes = Buffer.alloc(9, 0xcb)
    bytes.writeDoubleBE(value, 1)
    return bytes
  }
  const integer = BigInt(value)
  if (integer >= 0n && integer < 128n) return Buffer.of(Number(integer))
  if (integer < 0n && integer >= -32n) return Buffer.of(0x100 + Number(integer))
  const isSigned = integer < 2n ** 63n
  const bytes = Buffer.alloc(9, isSigned ? 0xd3 : 0xcf)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, integer), 1)
  return bytes
}

const boolean = (value: boolean) => Buffer.of(value ? 0xc3 : 0xc2)

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const { length } = bytes
  if (length < 32) return Buffer.concat([Buffer.of(0xa0 | length), bytes])
  if (length < 0x100) return Buffer.concat([Buffer.of(0xd9, length), bytes])
  return Buffer.concat([sized(0xda, length), bytes])
}

const array = (items: readonly Buffer[]) => Buffer.concat([head(0x90, items.length), ...items])

type Entry = readonly [key: string, value: Buffer]

function map(entries: readonly (Entry | false | undefined)[]): Buffer {
  const present = entries.filter((entry): entry is Entry => Array.isArray(entry))
  return Buffer.concat([
    head(0x80, present.length),
    ...present.flatMap(([key, value]) => [text(key), value]),
  ])
}

/** The head of an array (0x90) or of a map (0x80). */
function head(kind: 0x80 | 0x90, length: number): Buffer {
  if (length < 16) return Buffer.of(kind | length)
  return sized(kind === 0x90 ? 0xdc : 0xde, length)
}

/** A type with its length in 16 bits, or the next type with its length in 32. */
function sized(type: number, length: number): Buffer {
  if (length >= 0x10000) {
    const bytes = Buffer.alloc(5, type + 1)
    bytes.writeUInt32BE(length, 1)
    return bytes
  }
  const bytes = Buffer.alloc(3, type)
  bytes.writeUInt16BE(length, 1)
  return bytes
}
