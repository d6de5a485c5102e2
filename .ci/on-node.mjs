// node .ci/on-node.mjs VERSION [vitest arguments]: runs tests on another version of Node, whose binary comes from the package
// registry. Programs that tests start run on that version, too.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const [version, ...args] = process.argv.slice(2)
if (!/^\d+(?:\.\d+){0,2}$/.test(version ?? '')) {
  console.error('usage: node .ci/on-node.mjs VERSION [vitest arguments]')
  process.exit(2)
}

const directory = join(ROOT, 'node_modules/.cache', `node-${version}`)
const name = `node-${process.platform}-${process.arch}`
const bin = join(directory, 'node_modules', name, 'bin')
if (!existsSync(join(bin, 'node'))) {
  mkdirSync(directory, { recursive: true })
  const install = [
    'install',
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--prefix',
    directory,
  ]
  execFileSync('npm', [...install, `${name}@${version}`], { stdio: 'inherit' })
}
const node = join(bin, 'node')
console.log(`Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`)
const { status } = spawnSync(node, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...args], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
})
process.exitCode = status ?? 1
