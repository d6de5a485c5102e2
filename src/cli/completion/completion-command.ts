import { Argument, type Command } from 'commander'
import type { Shell } from './print-completion.js'

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish']

/** `kapacitor-auth completion …`: a script made of what the program's help shows. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and permissions in a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  source <(kapacitor-auth completion bash)      # in ~/.bashrc
  source <(kapacitor-auth completion zsh)       # in ~/.zshrc, after compinit
  kapacitor-auth completion fish > ~/.config/fish/completions/kapacitor-auth.fish`,
    )
    .action(async (shell: Shell) => {
      const { printCompletion } = await import('./print-completion.js')
      return printCompletion(program, shell)
    })
}
