/** Runs `work` without its warnings: oidc-provider tells everybody that it is used for development, and on an old Node. */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { warn, info } = console
  const own = (print: typeof warn) => (...said: unknown[]) => {
    if (!String(said[0]).includes('oidc-provider ')) print(...said)
  }
  console.warn = own(warn)
  console.info = own(info)
  try {
    return await work()
  } finally {
    console.warn = warn
    console.info = info
  }
}
