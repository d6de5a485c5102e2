// What documents name is there: commands with their options, keys, variables, files; snippets of configuration can be read.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { run } from '../../src/cli/program.js'
import { loadConfig } from '../../src/config/load-config.js'
import { variableOf } from '../../src/config/sections/config-file.js'
import { findKey, keyNames, SECTIONS, type SectionName } from '../../src/config/sections/sections.js'
import { placeholdersIn } from '../../src/text/placeholder.js'
import { temporaryDirectory } from '../support/program.js'

const ROOT = join(import.meta.dirname, '../..')
const NAMES = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
const documents = NAMES.map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }))
const directory = temporaryDirectory()
afterAll(() => directory.remove())

/** The fenced blocks of a language. */
const fences = (language: string) => documents.flatMap(({ name, text }) => [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'))].map(([, block]) => ({ name, block: block as string })))

/** With values in place of the words that a reader replaces. */
const filledIn = (block: string) => placeholdersIn(block).reduce(
  (text, { name }) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), name.endsWith('_HOST') ? 'login.example' : '7f3c1a52-0b64-4c0e-9d0e-2f4d4b8a9c11'),
  block,
)

/** Every command of ours in a block: `user grant`, and the options behind it. */
function commandsIn(block: string): { command: string; options: string[] }[] {
  const found = block.replaceAll(/\\\n\s*/g, ' ').matchAll(/kapacitor-auth ((?:serve|meta-node|config|explain|hash|completion|(?:user|role|token|subscription|auth|meta) [a-z-]+)\b)([^\n|&;#>)]*)/g)
  return [...found].map(([, command, rest]) => ({ command: command as string, options: [...(rest as string).replaceAll(/'[^']*'/g, '').matchAll(/ (--[\w-]+)/g)].map(([, option]) => option as string) }))
}

/** What the program prints as the help of a command. */
async function helpOf(command: string): Promise<string> {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((piece, then?: unknown) => {
    text += piece
    if (typeof then === 'function') then()
    return true
  })
  const before = process.exitCode
  try {
    await run([...command.split(' '), '--help'])
    expect([command, process.exitCode]).toEqual([command, 0])
    return text
  } finally {
    write.mockRestore()
    process.exitCode = before
  }
}

test('commands that documents print have the options that are given', async () => {
  const used = new Map<string, Set<string>>()
  for (const { block } of [...fences('sh'), ...fences('ini'), ...fences('console')]) {
    for (const { command, options } of commandsIn(block)) used.set(command, new Set([...(used.get(command) ?? []), ...options]))
  }
  expect(used.size).toBeGreaterThan(12)
  for (const [command, options] of used) {
    const help = await helpOf(command)
    expect(help).toContain(`Usage: kapacitor-auth ${command}`)
    for (const option of options) expect(help, command).toMatch(new RegExp(`^ +(?:-., )?${option}\\b`, 'm'))
  }
})

test('`[section] key` is a key', () => {
  const named = documents.filter(({ name }) => name !== 'CHANGELOG.md').flatMap(({ name, text }) => [...text.matchAll(/`\[([a-z]+)\] ([a-z][\w-]*[a-z])(?: = [^`]*)?`/g)].map(([, section, key]) => [name, section, key] as const))
  expect(named.length).toBeGreaterThan(30)
  const OTHERS = ['subscriber ca-certs', 'monitor store-database', 'monitor store-enabled'] // InfluxDB's
  expect(named.filter(([, section, key]) => !OTHERS.includes(`${section} ${key}`) && (!(section as string in SECTIONS) || !findKey(section as SectionName, key as string)))).toEqual([])
})

test('variables are those of keys', () => {
  const SIGN_IN = ['USERNAME', 'PASSWORD', 'TOKEN', 'NEW_PASSWORD', 'CONFIG_PATH', 'URL'].map((name) => `KAPACITOR_${name}`)
  const MISTAKES = ['KAPACITOR_CONFIG']
  const known = new Set([...SIGN_IN, ...MISTAKES, ...(Object.keys(SECTIONS) as SectionName[]).flatMap((section) => keyNames(section).map((key) => variableOf(section, key)))])
  const named = documents.flatMap(({ text }) => [...text.matchAll(/\bKAPACITOR_[A-Z_]*[A-Z]\b(?!_|<)/g)].map(([name]) => name))
  expect(named.length).toBeGreaterThan(15)
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([])
})

test('snippets of kapacitor.conf can be read', () => {
  const snippets = fences('toml')
  expect(snippets.length).toBeGreaterThan(5)
  for (const { name, block } of snippets) {
    const file = join(directory.path, 'kapacitor.conf')
    writeFileSync(file, filledIn(block).replaceAll(/^.*-file = .*$/gm, '').replaceAll(/^ *etcd-username = .*$/gm, ''), { mode: 0o600 })
    expect(() => loadConfig({ file, env: {} }), `${name}\n${block}`).not.toThrow()
  }
})

test('links of the documents that are packed lead to what is packed, too', () => {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] }
  const isPacked = (path: string) => ['README.md', 'LICENSE', ...files].some((one) => path === one || path.startsWith(`${one}/`))
  const ABOUT_A_CHECKOUT = 'CONTRIBUTING.md' // it may link bench/README.md
  const links = documents.filter(({ name }) => isPacked(name) && name !== ABOUT_A_CHECKOUT).flatMap(({ name, text }) => [...text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, link]) => [name, join(dirname(name), link as string)] as const))
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter(([, path]) => !existsSync(join(ROOT, path)) || !isPacked(path))).toEqual([])
})

test('files and folders of the source are there', () => {
  const named = documents.flatMap(({ name, text }) => [...text.matchAll(/`((?:src|test|docs|bench|\.ci)\/[\w./-]*)`/g)].map(([, path]) => [name, path as string] as const))
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter(([, path]) => !existsSync(join(ROOT, path)))).toEqual([])
})
