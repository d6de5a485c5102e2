import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

/** The built program, running. */
export interface Program {
  readonly child: ChildProcessWithoutNullStreams
  /** All that it has printed so far. */
  stdout(): string
  stderr(): string
  /** Resolves when standard output has a match; rejects if the program ends without. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** The exit code. */
  end(): Promise<number | null>
}

/** Starts `kapacitor-auth` with nothing of the environment but what is given. */
export function start(args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', KAPACITOR_ADMIN_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_ADMIN_META_NODE_BIND_ADDRESS: '127.0.0.1:0', ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text })
  const ended = once(child, 'close').then(() => child.exitCode)
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    end: () => ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stdout)
          if (!match) return
          child.stdout.off('data', look)
          resolve(match)
        }
        child.stdout.on('data', look)
        ended.then(() => reject(new Error(`ended with ${child.exitCode} before ${pattern}: ${stdout}${stderr}`)))
        look()
      }),
  }
}

/** A directory of its own, and how to remove it. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'kapacitor-auth-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
