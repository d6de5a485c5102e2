import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { afterAll } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/**
 * `src/` as JavaScript, for tests that start a program of their own: as it stands now, so `dist/` only if that was
 * compiled from it; else under `node_modules/`, so that packages are found from there, and gone after the tests.
 *
 * @returns the directory that stands for `src/`
 */
export function transpiled(): string {
  if (spawnSync(process.execPath, [join(ROOT, '.ci/build.mjs'), '--check']).status === 0) return join(ROOT, 'dist')
  mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true })
  const directory = mkdtempSync(join(ROOT, 'node_modules/.cache/kapacitor-auth-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'package.json'), '{"type":"module","version":"0.0.0"}')
  const target = join(directory, 'dist')
  for (const file of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.[jt]s$/.test(file)) continue
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, 'src', file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    })
    mkdirSync(dirname(join(target, file)), { recursive: true })
    writeFileSync(join(target, file.replace(/\.ts$/, '.js')), outputText)
  }
  return target
}
