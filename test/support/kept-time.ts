import type { Milliseconds } from '../../src/time.js'

/** No test waits longer for a machine that cannot keep time. */
const LONGEST = 16_000

/**
 * Runs `attempt` with a limit that it must stay within, as a client's pace must stay within a timeout. A busy machine may
 * hold it up: an attempt that fails although nothing but the machine was late says nothing, and is repeated with twice the
 * limit. The machine was late if the event loop once stood still for half of the limit.
 */
export async function keptTime(
  limit: Milliseconds,
  attempt: (limit: Milliseconds) => Promise<void>,
): Promise<void> {
  let last = performance.now()
  let longest = 0
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const looking = setInterval(look, limit / 20)
  const failed = await attempt(limit).then(() => false, (error: unknown) => {
    look()
    if (longest < limit / 2 || limit * 2 > LONGEST) throw error
    return true
  }).finally(() => clearInterval(looking))
  if (failed) await keptTime(limit * 2, attempt)
}
