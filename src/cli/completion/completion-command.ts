import { Argument, type Command } from 'commander'

/** `kapacitor-auth completion bash`: a script made of what the program's help shows. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and permissions in bash')
    .addArgument(new Argument('<shell>').choices(['bash']))
    .addHelpText(
      'after',
      `
Example, for ~/.bashrc:
  source <(kapacitor-auth completion bash)`,
    )
    .action(async () => {
      const { printCompletion } = await import('./completion-bash.js')
      return printCompletion(program)
    })
}
