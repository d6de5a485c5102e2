/** Stands for a password or token. It may stand in a URL as it is. */
const HIDDEN = '***'

/** A scheme, then a user, then a password. A password may hold anything, so it goes on up to the last `@`. */
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)?([^:@]*):.*@/is

/**
 * The destination of a subscription without the password in it: `http://writer:***@gateway:9092`. What stands behind a
 * question mark is hidden, too.
 */
export function redactDestination(destination: string): string {
  return destination
    .replace(CREDENTIALS, (_all, scheme = '', user: string) => `${scheme}${user}:${HIDDEN}@`)
    .replace(/\?.*$/s, `?${HIDDEN}`)
}
