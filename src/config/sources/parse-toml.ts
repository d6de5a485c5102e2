import { parse, TomlError } from 'smol-toml'
import { line } from '../problem.js'

/** The document, or what is wrong with it: without the lines around, in which a secret may stand. */
export function parseToml(toml: string, file: string): Readonly<Record<string, unknown>> | string {
  try {
    return parse(toml, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (!(error instanceof TomlError)) return line(file, 'this is not TOML')
    const [first = ''] = error.message.split('\n')
    const reason = first.replace('Invalid TOML document: ', '')
    const harmless = /^[a-z :;,.-]+$/i.test(reason) ? reason : 'this is not TOML'
    return line(`${file}:${error.line}:${error.column}`, harmless)
  }
}
