/**
 * The layout that this version writes, of keys and of what is kept under them. It grows when an older version would
 * misread what a newer one writes; a new permission is such a case, for an older one leaves out what it does not know.
 * Since 2 a check is kept (`lmdb-check.ts`), and all permissions are kept as such; since 3 there are tokens, which go with
 * their owner: an older version would delete a user and leave their tokens.
 */
export const LAYOUT = 3

/** The first layout with a check. */
export const FIRST_CHECKED = 2

/** The index of a registry that was just made. */
export const FIRST_INDEX = 1

/** Whose files or keys they are, and in which layout: `kapacitor-auth 3`. */
export function layoutText(layout: number = LAYOUT): string {
  return `kapacitor-auth ${layout}`
}

/** The layout that a text names; undefined if it is not ours. */
export function layoutIn(text: string): number | undefined {
  const [, layout] = /^kapacitor-auth ([1-9]\d{0,8})$/.exec(text) ?? []
  return layout === undefined ? undefined : Number(layout)
}

/** What to do about a newer layout, as the end of a sentence. */
export function writtenByNewer(layout: number): string {
  return `was written by a newer kapacitor-auth (layout ${layout}, not ${LAYOUT}): run that version, or a newer one`
}
