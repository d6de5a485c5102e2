import { check } from './kinds/kind.js'
import { variableOf } from './sections/config-file.js'
import { SYSTEM_DATA_DIRECTORY } from './sections/platform.js'
import { isInDataDirectory, type Key } from './sections/section-key.js'
import { FILE_SUFFIX, SECTION_NAMES, SECTIONS, type SectionName } from './sections/sections.js'

const WIDTH = 100

const HEAD = `The configuration of kapacitor-auth. Every key is shown with its default, commented out. \
The file may also hold Kapacitor's own sections and keys.

The file is the one given with --config, else the one that KAPACITOR_CONFIG_PATH names, else the first of \
/etc/kapacitor-auth/kapacitor.conf, ~/.kapacitor/kapacitor.conf and /etc/kapacitor/kapacitor.conf that exists.

A flag on the command line overrides the environment, the environment overrides this file, and this file overrides \
the default. The variable for a key is KAPACITOR_<SECTION>_<KEY>, such as \
${variableOf('auth', 'meta-addr')} for [auth] meta-addr.

A secret may be kept in a file of its own. The key for its path is the secret's key followed by ${FILE_SUFFIX}: \
meta-password${FILE_SUFFIX} = "/run/secrets/meta-password".`

/** The text of `kapacitor.conf.example`: every section and key of the table, explained in place. */
export function exampleConfig(): string {
  const head = HEAD.split('\n\n').map((paragraph) => comment(paragraph, ''))
  return `${[head.join('\n#\n'), ...SECTION_NAMES.map(sectionText)].join('\n\n')}\n`
}

function sectionText(name: SectionName): string {
  const { help, keys } = SECTIONS[name]
  const entries = Object.entries<Key>(keys).map(([keyName, key]) => keyText(keyName, key))
  return [`${comment(help, '')}\n[${name}]`, ...entries].join('\n\n')
}

/** No space follows the # before a key, to set it apart from the explanation. */
function keyText(name: string, key: Key): string {
  const lines = [comment(key.help, '  '), comment(`Accepts ${key.kind.expected}.`, '  ')]
  if (isInDataDirectory(key.default)) lines.push(comment(IN_DATA_DIRECTORY, '  '))
  return [...lines, `  #${name} = ${literal(key)}`].join('\n')
}

const IN_DATA_DIRECTORY = `By default it is in the data directory: ${SYSTEM_DATA_DIRECTORY} for root, \
~/.local/share/kapacitor-auth for others, unless XDG_DATA_HOME says otherwise.`

function literal({ kind, default: standard }: Key): string {
  if (isInDataDirectory(standard)) {
    return JSON.stringify(`${SYSTEM_DATA_DIRECTORY}/${standard.inDataDirectory}`)
  }
  if (typeof standard !== 'object') return JSON.stringify(standard)
  const checked = check(kind, standard, false)
  if (!checked.ok) throw new TypeError(`a default is not ${kind.expected}`)
  return kind.print(checked.value)
}

/** Breaks a text into comment lines. */
function comment(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer
    else lines.push(`${indent}# ${word}`)
  }
  return lines.join('\n')
}
