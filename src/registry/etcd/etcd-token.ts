/** The token of our sign-in to etcd, which etcd may forget at any time. */
export interface EtcdToken {
  /** Undefined where etcd asks for no credentials. One sign-in at a time, however many callers. */
  get(): Promise<string | undefined>
  /** This one is not accepted any more. */
  drop(token: string | undefined): void
}

/** @param signIn undefined where etcd asks for no credentials */
export function createEtcdToken(signIn: (() => Promise<string>) | undefined): EtcdToken {
  let current: Promise<string> | undefined
  let known: string | undefined

  return {
    async get() {
      if (!signIn) return undefined
      current ??= signIn().then(
        (token) => {
          known = token
          return token
        },
        (error) => {
          current = undefined
          throw error
        },
      )
      return current
    },
    drop(token) {
      if (token !== known) return
      known = undefined
      current = undefined
    },
  }
}
