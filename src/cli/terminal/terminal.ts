import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { mistake } from '../mistake.js'

/** A person at a terminal, who can be asked. */
export interface Terminal {
  /** A line that is not shown while it is typed. @throws AuthError if it is not given */
  secret(question: string): Promise<string>

  /** Whether the answer begins with a y. */
  confirm(question: string): Promise<boolean>

  /** Restores the terminal. */
  close(): void
}

/**
 * The terminal on standard input; undefined if standard input is not a terminal. Questions go to standard error. From the
 * first question to `close` nothing is echoed, so that a password typed or pasted ahead is not shown either. Ctrl-C
 * restores the terminal and ends the process with SIGINT, as it would at any other time.
 */
export function openTerminal(
  input: ReadStream = process.stdin,
  output: Pick<WriteStream, 'write'> = process.stderr,
): Terminal | undefined {
  if (!input.isTTY) return undefined
  let lines: LineReader | undefined
  const open = () => {
    lines ??= openLines(input, output)
    return lines
  }
  return {
    async secret(question) {
      const line = await open().read(question, false)
      if (line === undefined || line === '') throw mistake('no password was given')
      return line
    },
    async confirm(question) {
      return /^y/i.test((await open().read(question, true)) ?? '')
    },
    close: () => lines?.close(),
  }
}

interface LineReader {
  /** The next line; undefined at Ctrl-D and when the terminal is gone. */
  read(question: string, isShown: boolean): Promise<string | undefined>
  close(): void
}

function openLines(input: ReadStream, output: Pick<WriteStream, 'write'>): LineReader {
  let isShown = false
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (isShown) output.write(chunk)
      done()
    },
  })
  // Without a history, so that an arrow key does not bring a password back
  const lines: Interface = createInterface({ input, output: echo, terminal: true, historySize: 0 })
  /** Lines that were typed before they were asked for. */
  const ahead: string[] = []
  let isOver = false
  let wake = () => {}
  lines.on('line', (line) => {
    ahead.push(line)
    wake()
  })
  lines.on('close', () => {
    isOver = true
    wake()
  })
  lines.on('SIGINT', () => {
    lines.off('close', wake).close()
    output.write('\n')
    process.kill(process.pid, 'SIGINT')
  })

  return {
    async read(question, shown) {
      isShown = shown
      lines.setPrompt(question)
      if (shown) lines.prompt()
      else output.write(question)
      while (ahead.length === 0 && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      isShown = false
      const line = ahead.shift()
      if (!shown || line === undefined) output.write('\n')
      return line
    },
    close: () => lines.close(),
  }
}
