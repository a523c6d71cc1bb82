/** The shells that completion is written for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

/** How to load the script in each shell, for good. */
export const HOW_TO_LOAD: Record<Shell, string> = {
  bash: "echo 'source <(parix completion bash)' >> ~/.bashrc",
  zsh: "echo 'source <(parix completion zsh)' >> ~/.zshrc",
  fish: 'parix completion fish > ~/.config/fish/completions/parix.fish',
  powershell: "Add-Content $PROFILE 'parix completion powershell | Out-String | Invoke-Expression'",
}

/**
 * The script for a shell. It holds no names of commands: it asks `parix`, so that plugins and databases are there too, and
 * a new version needs no new script. Where parix has nothing to offer, the shell offers files.
 */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]
}

const SCRIPTS: Record<Shell, string> = {
  bash: String.raw`# parix completion for bash: source <(parix completion bash)
_parix() {
  local line word piece current before rest=${'$'}{COMP_LINE:0:COMP_POINT}
  local -a words
  local -i i
  COMPREPLY=()
  # bash takes @, : and = for the ends of words, and replaces only what is after the last one.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${'$'}{COMP_WORDS[i]}
    if [[ $i -gt 0 && -n $rest && $rest != [[:space:]]* ]]; then words[${'$'}{#words[@]}-1]+=$piece; else words+=("$piece"); fi
    rest=${'$'}{rest#"${'$'}{rest%%[![:space:]]*}"}
    rest=${'$'}{rest#"$piece"}
  done
  current=${'$'}{words[${'$'}{#words[@]}-1]}
  before=${'$'}{current%"${'$'}{2-$current}"}
  while IFS= read -r line; do
    word=${'$'}{line%%$'\t'*}
    COMPREPLY+=("$(printf '%q' "${'$'}{word#"$before"}")")
    [[ $word == */ ]] && compopt -o nospace 2>/dev/null
  done < <(parix __complete "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -o default -F _parix parix
`,
  zsh: String.raw`#compdef parix
# parix completion for zsh: source <(parix completion zsh)
_parix() {
  local line
  local -a items
  while IFS= read -r line; do
    items+=("${'$'}{${'$'}{${'$'}{line%%$'\t'*}//\\/\\\\}//:/\\:}:${'$'}{line#*$'\t'}")
  done < <(parix __complete "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${'$'}{#items} )); then _describe -V parix items; else _files; fi
}
if (( $+functions[compdef] )); then compdef _parix parix
else print -u2 "parix completion: run 'autoload -Uz compinit && compinit' first."; fi
`,
  fish: String.raw`# parix completion for fish: parix completion fish | source
function __parix_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (parix __complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c parix -f -a '(__parix_complete)'
`,
  powershell: `# parix completion for PowerShell: parix completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName parix -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '__empty__' }
  parix __complete @words 2>$null | ForEach-Object {
    $name, $text = $_ -split "\`t", 2
    if (-not $text) { $text = $name }
    # PowerShell inserts what it is given: a name with a semicolon or $() in it would be run.
    $word = $name
    if ($name -cnotmatch '^[A-Za-z0-9_./:=+-]+$') {
      $word = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($name) + "'"
    }
    [System.Management.Automation.CompletionResult]::new($word, $name, 'ParameterValue', $text)
  }
}
`,
}
