import { createAccount } from '../../src/authn/directory/account.js'
import type { Account, Directory } from '../../src/authn/directory/directory.js'
import type { Permission } from '../../src/authz/permission.js'
import { AuthError } from '../../src/errors.js'

/** A question that waits for its answer: the one that was right when it was asked. */
export interface Question {
  readonly name: string
  answer(): void
  fail(error?: AuthError): void
}

export interface ManualDirectory extends Directory {
  /** Creates or changes a user. An empty hash: `password` tells. */
  put(name: string, hash: string, permissions?: readonly Permission[], password?: string): Account
  remove(name: string): void
  /** The names looked up so far. */
  readonly asked: string[]
  /** The names whose password was asked about. */
  readonly checked: string[]
  /** Questions that wait, the oldest first. */
  readonly waiting: Question[]
  /** From now on questions wait. */
  hold(): void
  /** Ends the hold: all are answered, and from now on at once. */
  release(): void
  /** With `reportedUntil`: what it says. */
  told: number
  /** Whether every new question is rejected. */
  down: boolean
}

export const unavailable = () => new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable')

/** A directory in memory whose answers can be kept waiting. With `watch`, it tells its changes. */
export function createManualDirectory({ watch = false, reportedUntil = false } = {}): ManualDirectory {
  const accounts = new Map<string, Account>()
  const passwords = new Map<string, string | undefined>()
  const listeners = new Set<(name: string | undefined) => void>()
  const waiting: Question[] = []
  let held = false

  function reply<T>(name: string, value: T): Promise<T> {
    if (directory.down) return Promise.reject(unavailable())
    if (!held) return Promise.resolve(value)
    return new Promise((resolve, reject) => {
      const done = () => void waiting.splice(waiting.indexOf(question), 1)
      const question: Question = {
        name,
        answer() {
          done()
          resolve(value)
        },
        fail(error = unavailable()) {
          done()
          reject(error)
        },
      }
      waiting.push(question)
    })
  }

  const tell = (name: string) => {
    for (const listener of listeners) listener(name)
  }

  const directory: ManualDirectory = {
    asked: [],
    checked: [],
    waiting,
    down: false,
    told: Number.NEGATIVE_INFINITY,
    put(name, hash, permissions = ['KapacitorAPI'], password) {
      const account = createAccount(name, hash, new Map([['', new Set(permissions)]]))
      accounts.set(name, account)
      passwords.set(name, password)
      tell(name)
      return account
    },
    remove(name) {
      accounts.delete(name)
      tell(name)
    },
    hold() {
      held = true
    },
    release() {
      held = false
      for (const question of [...waiting]) question.answer()
    },
    find(name) {
      directory.asked.push(name)
      return reply(name, accounts.get(name))
    },
    checkPassword(name, password) {
      directory.checked.push(name)
      return reply(name, accounts.has(name) && passwords.get(name) === password)
    },
  }
  if (watch) {
    directory.watch = (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
  if (reportedUntil) directory.reportedUntil = () => directory.told
  return directory
}
