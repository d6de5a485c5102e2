import type { Command, Option } from 'commander'
import { PERMISSIONS } from '../../authz/permission.js'

/** What may stand in a place: one of some words, the name of a file, or anything. */
export type Value =
  | { readonly kind: 'words' | 'permissions'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'text' }

/** A flag as it is typed. */
export interface FlagShape {
  readonly name: string
  readonly description: string
  /** Undefined: it takes none. */
  readonly value: Value | undefined
}

/** A command as far as completion needs it. */
export interface CommandShape {
  /** `/user/list`; `''` for the program itself. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly flags: readonly FlagShape[]
  /** What its arguments are. */
  readonly argument: Value
}

const TEXT: Value = { kind: 'text' }

/** A program and all commands below it: what its help shows. */
export function commandShapes(command: Command, path = ''): readonly CommandShape[] {
  const children = command.commands
  return [
    {
      path,
      commands: children.map((child) => ({ name: child.name(), description: child.description() })),
      flags: command.createHelp().visibleOptions(command).map(flagShape),
      argument: argumentOf(command),
    },
    ...children.flatMap((child) => commandShapes(child, `${path}/${child.name()}`)),
  ]
}

function flagShape(option: Option): FlagShape {
  const { long, short, description } = option
  return { name: long ?? short ?? '', description, value: takenBy(option) }
}

function takenBy({ flags, argChoices, required }: Option): Value | undefined {
  if (!required) return undefined
  if (argChoices) return { kind: 'words', words: argChoices }
  return /<(?:file|dir)>/.test(flags) ? { kind: 'file' } : TEXT
}

function argumentOf({ registeredArguments }: Command): Value {
  for (const argument of registeredArguments) {
    if (argument.argChoices) return { kind: 'words', words: argument.argChoices }
    if (/^(?:file|dir)$/.test(argument.name())) return { kind: 'file' }
    if (argument.name() === 'permissions') return { kind: 'permissions', words: PERMISSIONS }
  }
  return TEXT
}

/** Each flag that takes a value, whatever command it belongs to: a flag means the same everywhere. */
export function valuedFlags(shapes: readonly CommandShape[]): ReadonlyMap<string, Value> {
  const flags = shapes.flatMap((shape) => shape.flags)
  return new Map(flags.flatMap(({ name, value }) => (value ? [[name, value] as const] : [])))
}
