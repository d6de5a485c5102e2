// npm run docs: writes what is generated into the documents: the tables of docs/configuration.md, and kapacitor.conf.example.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { exampleConfig } from '../dist/config/example-config.js'
import { check } from '../dist/config/kinds/kind.js'
import { isInDataDirectory } from '../dist/config/sections/section-key.js'
import { SECTION_NAMES, SECTIONS } from '../dist/config/sections/sections.js'

const ROOT = resolve(import.meta.dirname, '..')
const TABLES = /(<!-- options:.*-->\n)[\s\S]*?(<!-- \/options -->)/
const INFLUXDB = /(<!-- influxdb options:.*-->\n)[\s\S]*?(<!-- \/influxdb options -->)/

/** A section of kapacitor.conf, with its heading. */
function section(name) {
  return `## \`[${name}]\`\n\n${table(SECTIONS[name])}\n`
}

/** What a section is for, and the table of its keys. */
function table({ help, keys }) {
  const rows = Object.entries(keys).map(
    ([name, key]) => `| \`${name}\` | ${literal(key)} | ${key.help.replaceAll('|', '\\|')} |\n`,
  )
  return `${help}\n\n| key | default | what it does |\n|---|---|---|\n${rows.join('')}`
}

function literal({ kind, default: standard }) {
  if (isInDataDirectory(standard)) return `\`<data>/${standard.inDataDirectory}\``
  if (typeof standard === 'object') return `\`${kind.print(check(kind, standard, false).value)}\``
  return standard === '' ? '' : `\`${standard}\``
}

const documents = {
  'docs/configuration.md': (text) =>
    text
      .replace(TABLES, (_, open, close) => `${open}${SECTION_NAMES.map(section).join('')}${close}`)
      .replace(INFLUXDB, (_, open, close) => `${open}${table(SECTIONS.influxdb)}${close}`),
  'kapacitor.conf.example': () => exampleConfig(),
}

let stale = 0
for (const [name, generate] of Object.entries(documents)) {
  const path = join(ROOT, name)
  const before = readFileSync(path, 'utf8')
  const after = generate(before)
  if (before === after) continue
  stale++
  if (process.argv.includes('--check')) console.log(`${name} is out of date: run npm run docs`)
  else writeFileSync(path, after)
}
if (process.argv.includes('--check') && stale > 0) process.exitCode = 1
