import { mistake } from '../mistake.js'

/** @throws AuthError for a name that nobody can have: an empty one would stand for all */
export function requireName(what: string, name: string): void {
  if (name === '') throw mistake(`the ${what}'s name is empty`)
  if (/\p{Cc}/u.test(name)) throw mistake(`there is a control character in the ${what}'s name`)
  if (!name.isWellFormed()) throw mistake(`the ${what}'s name is not UTF-8 text`)
}
