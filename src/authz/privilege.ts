/** What a user holds on a resource, as bits, so that what several permissions give is joined by OR. */
export type Privilege = number

export const NONE: Privilege = 0
export const READ: Privilege = 1
export const WRITE: Privilege = 2
export const DELETE: Privilege = 4
export const ALL: Privilege = READ | WRITE | DELETE

const NAMES = new Map<Privilege, string>([
  [NONE, 'none'],
  [READ, 'read'],
  [WRITE, 'write'],
  [DELETE, 'delete'],
  [ALL, 'all'],
])

/** The privilege's name, as Kapacitor's messages spell it; joined ones with `|`. */
export function privilegeName(privilege: Privilege): string {
  const whole = NAMES.get(privilege)
  if (whole !== undefined) return whole
  return [READ, WRITE, DELETE]
    .filter((bit) => privilege & bit)
    .map((bit) => NAMES.get(bit))
    .join('|')
}
