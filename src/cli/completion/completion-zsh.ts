import { type CommandShape, type Value, valuedFlags } from './command-shape.js'

/** A completion script for zsh, to be sourced or put into a directory of `fpath` as `_kapacitor-auth`. */
export function completionZsh(shapes: readonly CommandShape[]): string {
  const valued = valuedFlags(shapes)
  const paths = shapes.map(({ path }) => path).filter((path) => path !== '')
  return `#compdef kapacitor-auth
# Completion of kapacitor-auth for zsh: source <(kapacitor-auth completion zsh)
_kapacitor_auth() {
  local at="" word skip="" previous=""
  local -a found
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word="$words[i]"
    previous="$word"
    if [[ -n $skip ]]; then skip=""; previous=""; continue; fi
    case "$word" in
      (${[...valued.keys()].join('|')}) skip=1; continue ;;
    esac
    case "$at/$word" in
      (${paths.join('|')}) at="$at/$word" ;;
    esac
  done
  case "$previous" in
${[...valued].map(([name, value]) => `    (${name}) ${valueLine(value)} ;;`).join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    case "$at" in
${shapes.map(({ path, flags }) => `      ("${path}") found=(${described(flags)}) ;;`).join('\n')}
    esac
    _describe -o 'option' found
    return
  fi
  case "$at" in
${shapes.map(argumentLine).filter(Boolean).join('\n')}
  esac
}
if [[ $funcstack[1] == _kapacitor_auth ]]; then
  _kapacitor_auth "$@"
else
  compdef _kapacitor_auth kapacitor-auth
fi
`
}

function described(items: readonly { name: string; description: string }[]): string {
  return items
    .map(({ name, description }) => quote(`${name.replaceAll(':', '\\:')}:${description}`))
    .join(' ')
}

/** In single quotes, as zsh and bash read them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function valueLine(value: Value): string {
  switch (value.kind) {
    case 'file':
      return '_files; return'
    case 'text':
      return 'return'
    default:
      return `compadd -- ${value.words.join(' ')}; return`
  }
}

function argumentLine({ path, commands, argument }: CommandShape): string {
  if (commands.length > 0) {
    return `    ("${path}") found=(${described(commands)}); _describe 'command' found ;;`
  }
  switch (argument.kind) {
    case 'words':
      return `    ("${path}") compadd -- ${argument.words.join(' ')} ;;`
    case 'permissions':
      return `    ("${path}") compset -P '*,'; compadd -M 'm:{a-zA-Z}={A-Za-z}' -- ${argument.words.join(' ')} ;;`
    case 'file':
      return `    ("${path}") _files ;;`
    default:
      return ''
  }
}
