import { setTimeout } from 'node:timers/promises'
import type { AuthError } from '../../errors.js'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import type { Attempt, Outcome } from './attempt.js'
import { backoff } from './backoff.js'
import type { MetaClientLog, MetaPath, MetaRequest } from './event.js'
import type { Answer } from './meta-exchange.js'
import { invalidReason, unavailable } from './refusal.js'

export interface AskOptions {
  /** Origins of the meta nodes. */
  readonly nodes: readonly string[]
  readonly attempt: Attempt
  readonly timeout: Milliseconds
  readonly attemptTimeout: Milliseconds
  /** How many questions are asked at a time; the others wait, and their time begins when it is their turn. @default no limit */
  readonly concurrent?: number | undefined
  /** The index below which an answer is out of date; undefined for none. @default none */
  readonly atLeast?: (() => number | undefined) | undefined
  readonly log?: MetaClientLog | undefined
  readonly observe?: ((request: MetaRequest) => void) | undefined
  readonly clock?: Clock | undefined
  readonly random?: (() => number) | undefined
  readonly sleep?: ((ms: Milliseconds, signal: AbortSignal) => Promise<void>) | undefined
}

/** Path, query (`?…` or nothing), and what to make of the answer. */
export interface Question<T> {
  readonly path: MetaPath
  readonly query: string
  /** @throws AuthError `ERR_META_INVALID` if nothing can be made of it */
  readonly read: (answer: Answer) => T
  /** For what not every node offers. @default every answer is read */
  readonly foreign?: ForeignAnswers<T> | undefined
}

/** Answers of somebody who does not know such a question, as a proxy or an older node: the next node is asked. */
export interface ForeignAnswers<T> {
  is(answer: Answer): boolean
  /** Whether it is possible that no node offers it; otherwise such an answer is a failure like any other. */
  areUsual(): boolean
  /** What it comes to if they are usual, and no node in a whole round has answered otherwise. */
  value(): T
}

export interface Asking {
  /** Rejects with `ERR_META_UNAVAILABLE` if no node answers, with `ERR_META_INVALID` if one talks nonsense. */
  ask<T>(question: Question<T>): Promise<T>

  /** Ends what is under way, and every later question: `ERR_META_UNAVAILABLE`. */
  close(): void
}

/**
 * A question to any of several nodes: the one that answered last comes first, the next follows on a failure;
 * once every node has failed there is a pause, and it goes round again until `timeout`, never beyond it.
 */
export function createAsk({
  nodes,
  attempt,
  timeout,
  attemptTimeout,
  concurrent = Number.POSITIVE_INFINITY,
  atLeast = () => undefined,
  log,
  observe,
  clock = monotonic,
  random = Math.random,
  sleep = timer,
}: AskOptions): Asking {
  const running = new Set<AbortController>()
  const waiting: (() => void)[] = []
  /** Nodes that did not answer when they were last asked. */
  const failing = new Set<string>()
  let active = 0
  let closed = false
  let last = 0 // index of the node that answered last

  /** One try and what is made of the answer, logged if that is nothing. */
  async function visit<T>(
    node: string,
    { path, query, read, foreign }: Question<T>,
    budget: Milliseconds,
    signal: AbortSignal,
  ): Promise<{ value: T } | Extract<Outcome, { failure: string }>> {
    const start = clock()
    const needed = atLeast() ?? 0
    const report = (outcome: MetaRequest['outcome']) => {
      if (!closed) observe?.({ milliseconds: clock() - start, outcome })
    }
    try {
      const outcome = await attempt(node, path + query, budget, signal)
      if ('failure' in outcome) {
        report(kindOf(outcome.failure))
        return outcome
      }
      if ((outcome.answer.index ?? needed) < needed) {
        report('invalid')
        return { node: outcome.node, failure: OUTDATED }
      }
      if (foreign?.is(outcome.answer)) {
        report('invalid')
        return { node: outcome.node, failure: FOREIGN }
      }
      const value = read(outcome.answer)
      report('ok')
      last = nodes.indexOf(outcome.node)
      if (failing.delete(outcome.node)) log?.({ event: 'node-up', node: outcome.node })
      return { value }
    } catch (error) {
      const reason = invalidReason(error as AuthError)
      if (reason !== undefined) report('invalid')
      if (reason !== undefined) log?.({ event: 'answer-refused', node, path, reason })
      throw error
    }
  }

  async function goRound<T>(question: Question<T>, signal: AbortSignal): Promise<T> {
    const { path, foreign } = question
    const deadline = clock() + timeout
    const failures = new Map<string, string>() // the last one of each node
    for (let round = 0; ; round++) {
      const first = last
      let isUnoffered = false
      for (let i = 0; i < nodes.length; i++) {
        const budget = Math.min(attemptTimeout, deadline - clock())
        if (budget <= 0) throw unavailable(describe(path, failures))
        const node = nodes[(first + i) % nodes.length] as string
        const outcome = await visit(node, question, budget, signal)
        if ('value' in outcome) return outcome.value
        if (closed) throw unavailable('meta client is closed')
        if (outcome.failure === FOREIGN && foreign?.areUsual()) {
          isUnoffered = true
          continue
        }
        failures.set(outcome.node, outcome.failure)
        failing.add(outcome.node)
        log?.({ event: 'attempt-failed', node: outcome.node, path, code: outcome.failure })
      }
      if (isUnoffered && foreign?.areUsual()) return foreign.value()
      const pause = backoff(round, random)
      if (clock() + pause >= deadline) throw unavailable(describe(path, failures))
      await sleep(pause, signal).catch((error: unknown) => {
        throw closed ? unavailable('meta client is closed') : error
      })
    }
  }

  return {
    async ask(question) {
      if (active < concurrent) active++
      else await new Promise<void>((resolve) => waiting.push(resolve)) // takes over the place of another
      if (closed) throw unavailable('meta client is closed')
      const abort = new AbortController()
      running.add(abort)
      try {
        return await goRound(question, abort.signal)
      } finally {
        running.delete(abort)
        const next = waiting.shift()
        if (next) next()
        else active--
      }
    },
    close() {
      closed = true
      for (const abort of running) abort.abort()
      for (const proceed of waiting.splice(0)) proceed()
    },
  }
}

/** The node does not know yet of a change that we know of. */
const OUTDATED = 'ERR_OUTDATED'

/** The node does not know of such a question, or it is not a meta node at all. */
const FOREIGN = 'HTTP 404'

function kindOf(failure: string): MetaRequest['outcome'] {
  if (failure.startsWith('HTTP ')) return 'server'
  return failure === 'ETIMEDOUT' ? 'timeout' : 'network'
}

function describe(path: MetaPath, failures: ReadonlyMap<string, string>): string {
  return `${path}: ${[...failures].map(([node, code]) => `${node} ${code}`).join(', ')}`
}

async function timer(ms: Milliseconds, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal })
}
