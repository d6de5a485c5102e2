import { Argument, type Command } from 'commander'
import { type CommandShape, commandShapes } from './command-shape.js'
import { completionBash } from './completion-bash.js'
import { completionFish } from './completion-fish.js'
import { completionZsh } from './completion-zsh.js'
import { output } from './output.js'

const SHELLS: Readonly<Record<string, (shapes: readonly CommandShape[]) => string>> = {
  bash: completionBash,
  zsh: completionZsh,
  fish: completionFish,
}

/** `kapacitor-auth completion …`: a script made of what the program's help shows. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and permissions in a shell')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      `
Examples:
  source <(kapacitor-auth completion bash)      # in ~/.bashrc
  source <(kapacitor-auth completion zsh)       # in ~/.zshrc, after compinit
  kapacitor-auth completion fish > ~/.config/fish/completions/kapacitor-auth.fish`,
    )
    .action((shell: string) => output(SHELLS[shell]?.(commandShapes(program)) ?? ''))
}
