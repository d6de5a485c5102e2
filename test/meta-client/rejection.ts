/** What a promise is rejected with; undefined if it is not. Apart from wire.ts: nock bends every request once it is imported. */
export async function rejection(promise: Promise<unknown>): Promise<(Error & { code: string; status: number }) | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error as Error & { code: string; status: number }
  }
}
