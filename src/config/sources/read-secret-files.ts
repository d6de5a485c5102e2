import { quoted } from '../../text/printable.js'
import { loadTextFile } from '../../text/text-file.js'
import type { Values } from '../check-settings.js'
import { check } from '../kinds/kind.js'
import { line } from '../problem.js'
import { titleOf } from '../sections/config-file.js'
import { ALL_SECTION_NAMES, eachKey, FILE_SUFFIX } from '../sections/sections.js'

/**
 * Reads the files that `…-file` keys name, and puts the secrets in the place of their keys. One newline
 * at the end (`\n` or `\r\n`) is not part of the secret.
 *
 * @returns warnings, about files that every user of the machine may read
 */
export function readSecretFiles(values: Values, platform: NodeJS.Platform): string[] {
  const warnings: string[] = []
  for (const { section, name, key, id } of eachKey(ALL_SECTION_NAMES)) {
    const file = key.kind.isSecret ? values.values.get(id + FILE_SUFFIX) : undefined
    if (file === undefined || file.value === '') continue
    const path = file.value as string
    const title = `${titleOf({ section, name })}${FILE_SUFFIX}`
    const direct = values.values.get(id)
    const content = loadTextFile(path, platform)
    const fail = (text: string) => {
      values.failed.add(id)
      values.problems.push(line(file.where, text))
    }
    if (direct?.value !== undefined) {
      fail(`${title} and ${name} (${direct.where}) are both set; keep one of them`)
    } else if (!('text' in content)) {
      fail(`${title} = ${quoted(path)}: ${content.reason}`)
    } else {
      const text = content.text.replace(/\r?\n$/, '')
      const checked = check(key.kind, text, true)
      if (/[\r\n]$/.test(text))
        fail(`${title} = ${quoted(path)}: it ends in more than one line break`)
      else if (text === '') fail(`${title} = ${quoted(path)}: the file is empty`)
      else if (checked.ok) values.values.set(id, { value: checked.value, where: file.where })
      else fail(`${title} = ${quoted(path)}: ${checked.hint}; expected ${key.kind.expected}`)
      if (content.isWorldReadable) {
        warnings.push(line(file.where, `every user of this machine may read ${quoted(path)}`))
      }
    }
  }
  return warnings
}
