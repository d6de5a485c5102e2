/** Longer than any test may take: a test's own timeout is the limit, but does not end what it waits for. */
const LIMIT = 300_000

/** Resolves when it is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + LIMIT; !(await isSo()); ) {
    if (performance.now() > end) throw new Error(`not so after ${LIMIT} ms: ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
