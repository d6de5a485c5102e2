import type { Part } from '../../admin/administered.js'
import type { Upstream } from '../../gateway/connections/upstream.js'
import type { Milliseconds } from '../../time.js'

/** How long the upstream may take to answer. */
const PATIENCE: Milliseconds = 1_500

/**
 * Whether an upstream can be reached: any HTTP answer says so. Those that ask while it is being found out share the answer.
 *
 * @param upstream with connections of its own, so that requests of clients are not in the way
 * @param target what is asked for, without credentials: `/kapacitor/v1/ping`
 * @param isNeeded whether the server is not ready without it
 */
export function createUpstreamCheck(
  upstream: Upstream,
  { name, target, isNeeded }: { name: string; target: string; isNeeded: boolean },
): () => Promise<Part> {
  let running: Promise<Part> | undefined

  async function check(): Promise<Part> {
    try {
      await answerOf(upstream, target)
      return { name, ready: true }
    } catch (error) {
      return { name, ready: !isNeeded, reason: `cannot be reached: ${reasonOf(error)}` }
    } finally {
      running = undefined
    }
  }

  return () => {
    running ??= check()
    return running
  }
}

function answerOf(upstream: Upstream, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = upstream.request({ method: 'GET', target, headers: ['Host', upstream.host] })
    const late = setTimeout(() => request.destroy(new Error('no answer in time')), PATIENCE)
    request.once('error', reject).once('response', (response) => {
      response.resume()
      resolve()
    })
    request.once('close', () => clearTimeout(late))
    request.end()
  })
}

/** The upstream's errors are ours, and hold no secrets. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message : message
}
