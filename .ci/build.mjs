// npm run build: compiles src/ to dist/. Does nothing if dist/ was compiled from the same files; an interrupted build leaves
// the last one in place. With --check nothing is compiled: the exit code is 1 if it would be.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const STAMP = 'compiled-from'

/** A digest of all that the outcome depends on. */
function inputs() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', '.ci/build.mjs']
  const digest = createHash('sha256')
  for (const file of [...sources.sort(), ...settings.map((name) => join(ROOT, name))]) {
    digest
      .update(`${file.slice(ROOT.length)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return digest.digest('hex')
}

function stampOf(directory) {
  const file = join(directory, STAMP)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

const wanted = inputs()
const isCurrent = stampOf(DIST) === wanted
if (process.argv.includes('--check')) process.exitCode = isCurrent ? 0 : 1
else if (!isCurrent) {
  const next = `${DIST}.${process.pid}`
  const last = `${next}.last`
  try {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    const settings = join(ROOT, 'tsconfig.build.json')
    execFileSync(process.execPath, [tsc, '-p', settings, '--outDir', next], { stdio: 'inherit' })
    chmodSync(join(next, 'main.js'), 0o755)
    writeFileSync(join(next, STAMP), wanted)
    if (existsSync(DIST)) renameSync(DIST, last)
    renameSync(next, DIST)
  } catch (error) {
    process.exitCode = error.status || 1
    if (error.status === undefined) console.error(error.message)
  } finally {
    for (const directory of [next, last]) rmSync(directory, { recursive: true, force: true })
  }
}
