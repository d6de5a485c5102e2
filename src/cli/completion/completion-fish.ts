import { type CommandShape, type FlagShape, type Value, valuedFlags } from './command-shape.js'

/** A completion script for fish 3 or later. */
export function completionFish(shapes: readonly CommandShape[]): string {
  const paths = shapes.map(({ path }) => path).filter((path) => path !== '')
  const permissions = shapes.find(({ argument }) => argument.kind === 'permissions')?.argument
  return `# Completion of kapacitor-auth for fish: kapacitor-auth completion fish | source
function __kapacitor_auth_at
    set -l at ''
    set -l skip ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test -n "$skip"
            set skip ''
            continue
        end
        switch $word
            case ${[...valuedFlags(shapes).keys()].join(' ')}
                set skip 1
                continue
        end
        switch "$at/$word"
            case ${paths.join(' ')}
                set at "$at/$word"
        end
    end
    test "$at" = "$argv[1]"
end
function __kapacitor_auth_permissions
    set -l before (string match -r '^.*,' -- (commandline -ct))
    for name in ${permissions && 'words' in permissions ? permissions.words.join(' ') : ''}
        echo "$before$name"
    end
end
complete -c kapacitor-auth -f
${shapes.flatMap(linesOf).join('\n')}
`
}

function linesOf({ path, commands, flags, argument }: CommandShape): string[] {
  const when = `complete -c kapacitor-auth -n '__kapacitor_auth_at "${path}"'`
  return [
    ...commands.map(({ name, description }) => `${when} -a ${name} -d ${quote(description)}`),
    ...(argument.kind === 'words' ? [`${when} -a ${quote(argument.words.join(' '))}`] : []),
    ...(argument.kind === 'permissions' ? [`${when} -a '(__kapacitor_auth_permissions)'`] : []),
    ...(argument.kind === 'file' ? [`${when} -F`] : []),
    ...flags.map((flag) => `${when} ${flagText(flag)}`),
  ]
}

function flagText({ name, description, value }: FlagShape): string {
  const takes = value ? ` ${valueText(value)}` : ''
  return `-l ${name.replace(/^--/, '')}${takes} -d ${quote(description)}`
}

function valueText(value: Value): string {
  if (value.kind === 'file') return '-r -F'
  return 'words' in value ? `-x -a ${quote(value.words.join(' '))}` : '-x'
}

/** In single quotes, as fish reads them. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
