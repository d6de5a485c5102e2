import type { Command } from 'commander'
import { output } from '../terminal/output.js'
import { type CommandShape, commandShapes, type Value, valuedFlags } from './command-shape.js'

/** Prints the script that completes `program` in bash. */
export function printCompletion(program: Command): Promise<void> {
  return output(completionBash(commandShapes(program)))
}

/** A completion script for bash 3.2 or later; it needs no bash-completion package. */
function completionBash(shapes: readonly CommandShape[]): string {
  const valued = valuedFlags(shapes)
  const paths = shapes.map(({ path }) => path).filter((path) => path !== '')
  return `# Completion of kapacitor-auth for bash: source <(kapacitor-auth completion bash)
_kapacitor_auth() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" at="" word skip="" words="" i
  COMPREPLY=()
  [[ $current == "=" ]] && current=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ $word == "=" ]] && continue
    previous="$word"
    if [[ $skip ]]; then skip=""; previous=""; continue; fi
    case "$word" in
      ${alternatives([...valued.keys()])}) skip=1; continue ;;
    esac
    case "$at/$word" in
      ${alternatives(paths)}) at="$at/$word" ;;
    esac
  done
  case "$previous" in
${[...valued].map(([name, value]) => `    ${name}) ${valueLine(value)}return ;;`).join('\n')}
  esac
  if [[ $current == -* ]]; then
    case "$at" in
${shapes.map(({ path, flags }) => `      "${path}") words="${flags.map(({ name }) => name).join(' ')}" ;;`).join('\n')}
    esac
  else
    case "$at" in
${shapes.map(argumentLine).filter(Boolean).join('\n')}
    esac
  fi
  _kapacitor_auth_words "$words" "$current"
}
_kapacitor_auth_words() {
  local word
  for word in $1; do [[ $word == "$2"* ]] && COMPREPLY+=("$word"); done
}
_kapacitor_auth_files() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$1")
}
_kapacitor_auth_permissions() {
  local prefix="" word was
  [[ $2 == *,* ]] && prefix="\${2%,*},"
  was="$(shopt -p nocasematch)"
  shopt -s nocasematch
  for word in $1; do [[ $word == "\${2##*,}"* ]] && COMPREPLY+=("$prefix$word"); done
  eval "$was"
}
complete -F _kapacitor_auth kapacitor-auth
`
}

function alternatives(words: readonly string[]): string {
  return words.join('|')
}

function valueLine(value: Value): string {
  switch (value.kind) {
    case 'file':
      return '_kapacitor_auth_files "$current"; '
    case 'text':
      return ''
    default:
      return `_kapacitor_auth_words "${value.words.join(' ')}" "$current"; `
  }
}

function argumentLine({ path, commands, argument }: CommandShape): string {
  if (commands.length > 0) {
    return `      "${path}") words="${commands.map(({ name }) => name).join(' ')}" ;;`
  }
  switch (argument.kind) {
    case 'words':
      return `      "${path}") words="${argument.words.join(' ')}" ;;`
    case 'permissions':
      return `      "${path}") _kapacitor_auth_permissions "${argument.words.join(' ')}" "$current"; return ;;`
    case 'file':
      return `      "${path}") _kapacitor_auth_files "$current"; return ;;`
    default:
      return ''
  }
}
