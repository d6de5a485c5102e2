/** The cookies of one browser at one server. */
export interface Cookies {
  /** Value of the `Cookie` header. */
  header(): string
  /** Keeps what an answer sets, and drops what it clears. */
  take(answer: Response): void
}

export function createCookies(): Cookies {
  const kept = new Map<string, string>()
  return {
    header: () => [...kept].map(([name, value]) => `${name}=${value}`).join('; '),
    take(answer) {
      for (const cookie of answer.headers.getSetCookie()) {
        const [pair = ''] = cookie.split(';')
        const at = pair.indexOf('=')
        if (pair.slice(at + 1) === '') kept.delete(pair.slice(0, at))
        else kept.set(pair.slice(0, at), pair.slice(at + 1))
      }
    },
  }
}
