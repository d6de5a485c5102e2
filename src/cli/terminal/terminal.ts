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

const ENTER = /[\r\n]/
const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_U = '\x15'
const ERASE = ['\b', '\x7f']
const BELL = '\x07'

const ESCAPE = '\x1b'

/** What follows an escape from an arrow or function key (ECMA-48 §5.4), as far as it has come: it is no text. */
const KEY = /^(?:\[[0-?]*[ -/]*[@-~]?|O.?|[^[O])?/s

/**
 * The terminal on standard input; undefined if that is none. Questions go to standard error. From the first
 * question to `close` nothing is echoed, so that what is typed or pasted ahead is not shown either; Ctrl-C restores
 * the terminal and ends the process as it would at any other time.
 */
export function openTerminal(
  input: ReadStream = process.stdin,
  output: Pick<WriteStream, 'write'> = process.stderr,
): Terminal | undefined {
  if (!input.isTTY) return undefined
  let typed = ''
  let isOver = false
  let isOpen = false
  let wake = () => {}

  const take = (text: string) => {
    typed += text
    wake()
  }
  const end = () => {
    isOver = true
    wake()
  }

  function open(): void {
    if (isOpen) return
    isOpen = true
    input.setEncoding('utf8').setRawMode(true)
    input.on('data', take).on('end', end).on('close', end).on('error', end)
    input.resume()
  }

  function close(): void {
    if (!isOpen) return
    isOpen = false
    input.off('data', take).off('end', end).off('close', end).off('error', end)
    input.setRawMode(false)
    input.pause()
  }

  /** The next character or key; undefined if the terminal is gone. */
  async function next(): Promise<string | undefined> {
    while (typed === '' && !isOver) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const [character] = typed
    if (character === undefined) return undefined
    const key = character === ESCAPE ? ESCAPE + KEY.exec(typed.slice(1))?.[0] : character
    typed = typed.slice(key.length)
    return key
  }

  async function read(question: string, isShown: boolean): Promise<string | undefined> {
    open()
    output.write(question)
    const line: string[] = []
    const erase = () => {
      if (line.pop() !== undefined && isShown) output.write('\b \b')
    }
    for (;;) {
      const key = await next()
      if (key === CTRL_C) await interrupt()
      if (key === undefined || (key === CTRL_D && line.length === 0)) {
        output.write('\n')
        return undefined
      }
      if (ENTER.test(key)) {
        output.write('\n')
        return line.join('')
      }
      if (ERASE.includes(key)) erase()
      else if (key === CTRL_U) while (line.length > 0) erase()
      else if (/\p{Cc}/u.test(key)) output.write(BELL)
      else {
        line.push(key)
        if (isShown) output.write(key)
      }
    }
  }

  async function interrupt(): Promise<never> {
    close()
    output.write('\n')
    process.kill(process.pid, 'SIGINT')
    return new Promise(() => {}) // the signal is on its way
  }

  return {
    async secret(question) {
      const line = await read(question, false)
      if (line === undefined || line === '') throw mistake('no password was given')
      return line
    },
    async confirm(question) {
      return /^y/i.test((await read(question, true)) ?? '')
    },
    close,
  }
}
