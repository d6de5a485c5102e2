/** What Go says about a regular expression that it does not accept; undefined if it does. */
export function regexpError(_source: string): string | undefined {
  return undefined
}
