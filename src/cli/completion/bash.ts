/** The completion script for bash. After the options of `run` comes a command: its name, then files. */
import type { CompletedCommand } from './words.js';

export const bashScript = (commands: readonly CompletedCommand[]): string => `# rxshim: completion for bash
# eval "$(rxshim completion bash)"
_rxshim() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path='' word i skip=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((skip)); then skip=0; continue; fi
    case "$path $word" in
${commands.flatMap(({ path }) => (path.length === 0 ? [] : [`      ' ${path.join(' ')}') path=' ${path.join(' ')}'; continue ;;`])).join('\n')}
    esac
    if [[ $word == -- ]]; then _rxshim_command $((i + 1)); return; fi
    case "$path $word" in
${commands
  .flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ long, short }) => [long, short ?? []].flat())
      .map((option) => `      '${['', ...path].join(' ')} ${option}') skip=1 ;;`),
  )
  .join('\n')}
      ' run '[!-]*) _rxshim_command $i; return ;;
    esac
  done
  if ((skip)); then COMPREPLY=(); return; fi
  case "$path" in
${commands
  .map(({ path, options, children }) => {
    const words = [...children, ...options.map(({ long }) => long)].join(' ');
    return `    '${['', ...path].join(' ')}') COMPREPLY=($(compgen -W '${words}' -- "$cur")) ;;`;
  })
  .join('\n')}
  esac
  if [[ $path == ' run' && $cur != -* ]]; then COMPREPLY=($(compgen -c -- "$cur")); fi
}
_rxshim_command() {
  if ((COMP_CWORD == $1)); then COMPREPLY=($(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}")); else COMPREPLY=(); fi
}
complete -o bashdefault -o default -F _rxshim rxshim
`;
