import type { Command } from 'commander'
import { output } from '../terminal/output.js'
import { type CommandShape, commandShapes } from './command-shape.js'
import { completionBash } from './completion-bash.js'
import { completionFish } from './completion-fish.js'
import { completionZsh } from './completion-zsh.js'

export type Shell = 'bash' | 'zsh' | 'fish'

const SCRIPTS: Readonly<Record<Shell, (shapes: readonly CommandShape[]) => string>> = {
  bash: completionBash,
  zsh: completionZsh,
  fish: completionFish,
}

/** The command: prints the script that completes `program` in that shell. */
export function printCompletion(program: Command, shell: Shell): Promise<void> {
  return output(SCRIPTS[shell](commandShapes(program)))
}
