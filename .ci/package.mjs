// npm run test:package: packs the package, installs it as applications would, and looks at what they get: its files, one
// Koa, no native code where optional packages are left out, complete types, ESM and require. Needs the package registry.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const work = mkdtempSync(join(tmpdir(), 'kapacitor-auth-package-'))
const npm = (cwd, ...args) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const filesBelow = (directory) => readdirSync(directory, { recursive: true, encoding: 'utf8' })

const APP = `import Koa from 'koa'
import { AuthError, type Config, kapacitorAuth, loadConfig } from 'kapacitor-auth'
const config: Config = loadConfig()
const app = new Koa()
app.use(kapacitorAuth(config))
app.use((ctx) => {
  ctx.body = ctx.state.user.name
})
export { app, AuthError }
`

const PARTS = `import { type Config, kapacitorAuth, type Logger } from 'kapacitor-auth'
import { createUpstream, forward, holdContinue, listen, refuseConnect, screening } from 'kapacitor-auth/gateway'
import { parseQuery, requiredPrivileges, type Statement } from 'kapacitor-auth/influxql'
import { startMetaNode } from 'kapacitor-auth/meta-node'
import Koa from 'koa'
export async function serve(config: Config, logger: Logger) {
  const metaNode = await startMetaNode(config, logger)
  await metaNode.makeFirstAdmin(async ({ name, password }) => console.log(name, password))
  const app = new Koa()
  app.use(screening())
  app.use(kapacitorAuth(config, { logger, ...metaNode.accounts }))
  app.use(forward(createUpstream({ url: 'http://127.0.0.1:9192' })))
  return listen(app.callback(), {
    address: ':9092',
    option: 'the address',
    prepare(server, handle, onRefusal) {
      holdContinue(server, handle)
      refuseConnect(server, onRefusal)
    },
  })
}
export function needs(text: string) {
  const { statements, error } = parseQuery(text)
  if (error) throw new TypeError(error.message)
  return statements.flatMap((statement: Statement) => requiredPrivileges(statement))
}
`

let passed = 0
let failed = 0
function check(says, body) {
  try {
    body()
    passed++
    console.log(`ok      ${says}`)
  } catch (error) {
    failed++
    console.log(`FAILED  ${says}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`)
  }
}

function consumer(name, dependencies, ...flags) {
  const directory = join(work, name)
  mkdirSync(directory)
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  )
  npm(directory, 'install', '--no-audit', '--no-fund', '--prefer-offline', ...flags)
  return directory
}

function typeCheck(directory, file, ...flags) {
  const types = join(directory, 'node_modules/@types/node')
  const linked = readdirSync(join(directory, 'node_modules/@types')).includes('node')
  if (!linked) symlinkSync(join(ROOT, 'node_modules/@types/node'), types)
  execFileSync(
    process.execPath,
    [TSC, '--noEmit', '--strict', '--target', 'es2022', '--types', 'node', ...flags, file],
    { cwd: directory, encoding: 'utf8', stdio: 'pipe' },
  )
}

const run = (directory, ...args) =>
  spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: directory },
  })

try {
  npm(ROOT, 'pack', '--pack-destination', work)
  const tarball = join(
    work,
    readdirSync(work).find((file) => file.endsWith('.tgz')),
  )
  const packed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))

  check('the package holds the program, its types and its papers, and nothing else', () => {
    for (const file of [
      'dist/main.js',
      'dist/index.js',
      'dist/index.d.ts',
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      'kapacitor.conf.example',
    ])
      assert(packed.includes(file), file)
    const strange = packed.filter(
      (file) =>
        !/^(?:dist\/[\w/-]+(?:\.d\.ts|\.js)|dist\/compiled-from|docs\/[\w/.-]+|[A-Z]+(?:\.md)?|package\.json|kapacitor\.conf\.example)$/.test(
          file,
        ),
    )
    assert.deepEqual(strange, [])
    const sources = filesBelow(join(ROOT, 'src'))
      .filter((file) => /\.[jt]s$/.test(file))
      .map((file) => `dist/${file.replace(/\.ts$/, '.js')}`)
    assert.deepEqual(packed.filter((file) => file.endsWith('.js')).sort(), sources.sort())
  })

  for (const koa of ['2', '3']) {
    const directory = consumer(
      `koa-${koa}`,
      { 'kapacitor-auth': `file:${tarball}`, koa },
      '--omit=optional',
    )
    writeFileSync(join(directory, 'app.ts'), APP)
    cpSync(join(directory, 'app.ts'), join(directory, 'app.cts'))
    writeFileSync(join(directory, 'parts.ts'), PARTS)
    const installed = filesBelow(join(directory, 'node_modules'))
    check(
      `Koa ${koa}, without optional packages: one Koa, no native code, no install script`,
      () => {
        assert.deepEqual(
          installed.filter((file) => /(?:^|node_modules\/)koa\/package\.json$/.test(file)),
          ['koa/package.json'],
        )
        assert.deepEqual(
          installed.filter((file) => file.endsWith('.node')),
          [],
        )
        const scripts = installed
          .filter((file) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file))
          .filter((file) => {
            const { scripts = {} } = JSON.parse(
              readFileSync(join(directory, 'node_modules', file), 'utf8'),
            )
            return ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
          })
        assert.deepEqual(scripts, [])
      },
    )
    if (koa === '3') {
      for (const file of ['app.ts', 'parts.ts']) {
        check(`types are complete: node16, ${file}`, () =>
          typeCheck(directory, file, '--module', 'node16'),
        )
        check(`types are complete: bundler, ${file}`, () =>
          typeCheck(directory, file, '--module', 'esnext', '--moduleResolution', 'bundler'),
        )
      }
      check('types are complete: require, nodenext', () =>
        typeCheck(directory, 'app.cts', '--module', 'nodenext'),
      )
    }
    writeFileSync(
      join(directory, 'run.mjs'),
      "import { kapacitorAuth } from 'kapacitor-auth'\nconsole.log(typeof kapacitorAuth)\n",
    )
    writeFileSync(
      join(directory, 'run.cjs'),
      "console.log(typeof require('kapacitor-auth').kapacitorAuth)\n",
    )
    check(`Koa ${koa}: import and require`, () => {
      assert.equal(run(directory, 'run.mjs').stdout, 'function\n')
      assert.equal(run(directory, 'run.cjs').stdout, 'function\n')
    })
    for (const [part, name] of [
      ['gateway', 'forward'],
      ['influxql', 'parseQuery'],
      ['meta-node', 'startMetaNode'],
    ]) {
      check(
        `Koa ${koa}: import and require of kapacitor-auth/${part}, without optional packages`,
        () => {
          const module = `kapacitor-auth/${part}`
          writeFileSync(
            join(directory, 'part.mjs'),
            `import { ${name} } from '${module}'\nconsole.log(typeof ${name})\n`,
          )
          writeFileSync(
            join(directory, 'part.cjs'),
            `console.log(typeof require('${module}').${name})\n`,
          )
          assert.equal(run(directory, 'part.mjs').stdout, 'function\n')
          assert.equal(run(directory, 'part.cjs').stdout, 'function\n')
        },
      )
    }
    check(`Koa ${koa}: the program runs, and says which package the meta node needs`, () => {
      const main = join(directory, 'node_modules/kapacitor-auth/dist/main.js')
      assert.match(run(directory, main, '--version').stdout, /^\d+\.\d+\.\d+\n$/)
      const { status, stderr } = run(
        directory,
        main,
        'meta-node',
        '--data-dir',
        join(directory, 'data'),
        '--meta-bind-address',
        '127.0.0.1:0',
      )
      assert.equal(status, 1)
      assert.match(
        stderr,
        /^kapacitor-auth: the package lmdb is not installed .*: run "npm install lmdb", or .*\n$/,
      )
    })
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
