/** WebAssembly code, as bytes. */
export type Code = readonly number[]

/** A function: how many i32 it takes, how many i32 it returns (none or one), how many i64 locals it has. */
export interface WasmFunction {
  readonly name: string
  readonly parameters: number
  readonly results: 0 | 1
  readonly locals: number
  readonly code: Code
}

const I32 = 0x7f
const I64 = 0x7e
const END = 0x0b
const MUTABLE = 1
const FUNCTION = 0x60
const FUNCTION_EXPORT = 0
const HEADER: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** The sections' numbers. */
const TYPES = 1
const FUNCTIONS = 3
const GLOBALS = 6
const EXPORTS = 7
const CODES = 10

/** Instructions on i64 (WebAssembly core specification 1.0, §5.4). A number is a local's or a global's. */
export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  getGlobal: (global: number): Code => [0x23, ...unsigned(global)],
  setGlobal: (global: number): Code => [0x24, ...unsigned(global)],
  constant: (value: bigint): Code => [0x42, ...signed(value)],
  add: [0x7c] as Code,
  or: [0x84] as Code,
  xor: [0x85] as Code,
  shiftLeft: [0x86] as Code,
  shiftRight: [0x88] as Code,
  rotateLeft: [0x89] as Code,
  /** i64 to i32: the lower half. */
  wrap: [0xa7] as Code,
  /** i32 to i64, without a sign. */
  extend: [0xad] as Code,
}

/** The module of these functions, all exported, and of i64 globals that start with these values (§5.5). */
export function wasmModule(
  functions: readonly WasmFunction[],
  globals: readonly bigint[],
): Uint8Array<ArrayBuffer> {
  const some = (type: number, count: number): Code => vector(Array(count).fill([type]))
  return Uint8Array.from([
    ...HEADER,
    ...section(
      TYPES,
      functions.map((one) => [FUNCTION, ...some(I32, one.parameters), ...some(I32, one.results)]),
    ),
    ...section(
      FUNCTIONS,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      GLOBALS,
      globals.map((value) => [I64, MUTABLE, ...wasm.constant(value), END]),
    ),
    ...section(
      EXPORTS,
      functions.map(({ name }, index) => [
        ...vector([...Buffer.from(name)].map((byte) => [byte])),
        FUNCTION_EXPORT,
        ...unsigned(index),
      ]),
    ),
    ...section(
      CODES,
      functions.map(({ locals, code }) =>
        sized([...vector([[...unsigned(locals), I64]]), ...code, END]),
      ),
    ),
  ])
}

const section = (number: number, entries: readonly Code[]): Code => [
  number,
  ...sized(vector(entries)),
]

const vector = (entries: readonly Code[]): Code => [...unsigned(entries.length), ...entries.flat()]

const sized = (code: Code): Code => [...unsigned(code.length), ...code]

/** LEB128: seven bits a byte, the lowest first; the eighth says that there are more. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** LEB128 of an i64: the last byte's seventh bit is the sign. */
function signed(value: bigint): Code {
  const low = Number(BigInt.asUintN(7, value))
  const rest = BigInt.asIntN(64, value) >> 7n
  const isLast = rest === (low & 0x40 ? -1n : 0n)
  return isLast ? [low] : [low | 0x80, ...signed(rest)]
}
