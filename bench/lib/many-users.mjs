// Users by number, as many as are asked for: the server that remembers them and the generator that sends them agree.
export const nameOf = (n) => `user-${n}@example.com`
export const passwordOf = (n) => `a password of the bench ${n}`
export const headerOf = (n) => `Basic ${btoa(`${nameOf(n)}:${passwordOf(n)}`)}`

/** A hash of its own for each, by its form alone: 53 characters that no password has. */
export const hashOf = (name) =>
  `$2a$10$${Buffer.from(name.padEnd(40, '.')).toString('base64').replace(/[+=]/g, '.').slice(0, 53)}`
