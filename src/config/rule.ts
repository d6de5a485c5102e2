import type { Config } from './config.js'
import { line } from './problem.js'
import type { KeyId } from './sections/sections.js'

/** Something to say about several keys together. */
export interface Rule {
  /** The keys that it is about; it is reported where the first of them was set that was set at all. */
  readonly about: readonly KeyId[]
  readonly isBroken: (config: Config) => boolean
  readonly says: string | ((config: Config) => string)
}

/**
 * What the broken ones say, a line each.
 *
 * @param failed full names of keys whose values are wrong by themselves; nothing more is said about those
 */
export function brokenRules(
  rules: readonly Rule[],
  config: Config,
  failed: ReadonlySet<string>,
): string[] {
  return rules
    .filter(({ about }) => !about.some((id) => failed.has(id)))
    .filter(({ isBroken }) => isBroken(config))
    .map((rule) => line(whereOf(rule, config), textOf(rule, config)))
}

function textOf({ says }: Rule, config: Config): string {
  return typeof says === 'string' ? says : says(config)
}

/** Where the first of a rule's keys was set that was set at all. */
function whereOf({ about }: Rule, { origins }: Config): string {
  const places = about.map((id) => origins.get(id) ?? 'default')
  return places.find((place) => place !== 'default') ?? 'default'
}
