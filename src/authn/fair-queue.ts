import type { Requester } from './passwords/hasher.js'

/** A bounded queue that is shared fairly: nobody takes the turns or the places of others. */
export interface FairQueue<T> {
  readonly size: number

  /** @returns the item that has to go because the queue is full; it may be this one */
  push(item: T, requester: Requester): T | undefined

  /** The item whose turn it is. */
  shift(): T | undefined

  /** Removes the oldest items for as long as `isOver` says so. */
  dropWhile(isOver: (item: T) => boolean): T[]

  /** Removes all. */
  clear(): T[]
}

interface Entry<T> {
  readonly item: T
  readonly requester: Requester
  /** When it came, counted in arrivals and turns. */
  readonly came: number
}

/**
 * A queue with that many places. Origins take turns, and so do names: next is the request whose origin and name have
 * both waited longest for a turn, counted from its arrival. So one address with a thousand names gets one share, a
 * thousand addresses with one name get one share, and a request from elsewhere for a name under attack is next when that
 * name is. Without origin and name: first come, first served.
 *
 * When the queue is full, the origin or name with the most places loses its latest.
 */
export function createFairQueue<T>(places: number): FairQueue<T> {
  /** In order of arrival. */
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

  /** Turns before the oldest item arrived no longer matter. */
  function forgetOldTurns(): void {
    const first = entries[0]?.came ?? Number.POSITIVE_INFINITY
    originTurns.forget(first)
    nameTurns.forget(first)
  }

  /** The place of the item whose turn it is. */
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

  /** The place of the item that has to go. */
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

/** When each key had its last turn, and how many of its items wait. Keeps only what can still matter. */
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
