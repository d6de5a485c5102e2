import type { Requester } from './hasher.js'

/** A waiting line in which nobody takes the others' turns or places. */
export interface FairLine<T> {
  readonly size: number

  /** @returns who must go since there is no place left: it may be the one who came */
  push(item: T, requester: Requester): T | undefined

  /** Whose turn it is. */
  shift(): T | undefined

  /** Takes out those who came first for as long as `isOver` says so. */
  dropWhile(isOver: (item: T) => boolean): T[]

  /** Takes out all. */
  clear(): T[]
}

interface Entry<T> {
  readonly item: T
  readonly requester: Requester
  /** When it came, counted in arrivals and turns. */
  readonly came: number
}

/**
 * A line with that many places. An origin and a name have their turns like players around a table: one's turn comes when
 * neither his origin nor his name has had one for longest, counted from when he came. So one address with a thousand
 * names gets one share, a thousand addresses with one name get one share, and somebody who asks from elsewhere for a name
 * under attack is next when that name is. Without origin and name: first come, first served.
 *
 * In a full line the origin, or name, with the most places loses its latest.
 */
export function createFairLine<T>(places: number): FairLine<T> {
  /** In the order in which they came. */
  const entries: Entry<T>[] = []
  const originTurns = createTurns()
  const nameTurns = createTurns()
  let count = 0

  function remove(at: number): T {
    const [{ item, requester }] = entries.splice(at, 1) as [Entry<T>]
    originTurns.leave(requester.origin)
    nameTurns.leave(requester.name)
    return item
  }

  /** Turns before the first in line came change nothing any more. */
  function forgetOldTurns(): void {
    const first = entries[0]?.came ?? Number.POSITIVE_INFINITY
    originTurns.forget(first)
    nameTurns.forget(first)
  }

  /** The place of him whose turn it is. */
  function nextPlace(): number {
    let [place, best, bestOrigin] = [0, Number.POSITIVE_INFINITY, 0]
    for (const [i, { requester, came }] of entries.entries()) {
      const origin = originTurns.last(requester.origin)
      const since = Math.max(came, origin, nameTurns.last(requester.name))
      if (since < best || (since === best && origin < bestOrigin)) {
        ;[place, best, bestOrigin] = [i, since, origin]
      }
    }
    return place
  }

  /** The place of him who has to go. */
  function lastPlace(): number {
    let [place, most, mostOrigin] = [0, 0, 0]
    for (const [i, { requester }] of entries.entries()) {
      const origin = originTurns.waiting(requester.origin)
      const all = Math.max(origin, nameTurns.waiting(requester.name))
      if (all > most || (all === most && origin >= mostOrigin)) {
        ;[place, most, mostOrigin] = [i, all, origin]
      }
    }
    return place
  }

  return {
    get size() {
      return entries.length
    },
    push(item, requester) {
      entries.push({ item, requester, came: ++count })
      originTurns.come(requester.origin)
      nameTurns.come(requester.name)
      return entries.length > places ? remove(lastPlace()) : undefined
    },
    shift() {
      if (entries.length === 0) return undefined
      const place = nextPlace()
      const { requester } = entries[place] as Entry<T>
      count++
      originTurns.take(requester.origin, count)
      nameTurns.take(requester.name, count)
      const item = remove(place)
      forgetOldTurns()
      return item
    },
    dropWhile(isOver) {
      const over: T[] = []
      while (entries[0] && isOver(entries[0].item)) over.push(remove(0))
      if (over.length > 0) forgetOldTurns()
      return over
    },
    clear() {
      const all: T[] = []
      while (entries.length > 0) all.push(remove(0))
      forgetOldTurns()
      return all
    },
  }
}

/** When each had a turn, and how many wait for one. Holds no more than who waits, and who had a turn since. */
function createTurns() {
  const turns = new Map<string, number>()
  const counts = new Map<string, number>()
  return {
    last: (key: string | undefined) => (key === undefined ? 0 : (turns.get(key) ?? 0)),
    waiting: (key: string | undefined) => (key === undefined ? 1 : (counts.get(key) ?? 0)),
    come(key: string | undefined): void {
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    leave(key: string | undefined): void {
      if (key === undefined) return
      const left = (counts.get(key) ?? 1) - 1
      if (left > 0) counts.set(key, left)
      else counts.delete(key)
    },
    take(key: string | undefined, now: number): void {
      if (key === undefined) return
      turns.delete(key) // a Map keeps the order: the latest turn is the last
      turns.set(key, now)
    },
    forget(before: number): void {
      for (const [key, at] of turns) {
        if (at >= before) return
        turns.delete(key)
      }
    },
  }
}
