import type { Context } from 'koa'
import type { Replacement } from '../../request/replacement.js'

/** What of a request goes to InfluxDB otherwise than it came. */
const replacements = new WeakMap<Context, Replacement>()

export function setReplacement(ctx: Context, replacement: Replacement): void {
  replacements.set(ctx, replacement)
}

/** For `ForwardOptions.replace`. */
export function replacementOf(ctx: Context): Replacement | undefined {
  return replacements.get(ctx)
}
