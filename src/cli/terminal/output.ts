import { print } from '../../text/standard-output.js'
import type { TableOptions } from './table.js'

/** How a table is printed on standard output: on a terminal no wider than it, with a bold heading if it has colours. */
export function tableOptions(stream = process.stdout): TableOptions {
  if (!stream.isTTY) return {}
  const width = stream.columns > 0 ? stream.columns : undefined
  // hasColors() heeds NO_COLOR, TERM and the like
  return stream.hasColors() ? { width, heading: (text) => `\x1b[1m${text}\x1b[22m` } : { width }
}

/** Prints on standard output; a reader that closes early (`| head`) is not an error. */
export async function output(text: string): Promise<void> {
  try {
    await print(text)
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException }
    if (cause?.code !== 'EPIPE') throw error
  }
}

/** The same as JSON, for machines. */
export function outputJson(value: unknown): Promise<void> {
  return output(`${JSON.stringify(value, null, 2)}\n`)
}
