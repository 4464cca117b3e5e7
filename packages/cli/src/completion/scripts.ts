/** Shells that words can be completed in. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

// Each asks `smimp complete`, which knows the commands: the scripts stay the same whatever commands there are. Words go there behind an
// equal sign, so that none is taken for an option and an empty one isn't lost; answers are lines `word<tab>what it means`, or
// `:files` and `:folders`, which the shell knows better.
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_smimp_completion() {
  local line kind="" current="\${COMP_WORDS[COMP_CWORD]}"
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  [[ $current == "=" ]] && current=""
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) kind=$line ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(smimp complete -- "\${words[@]/#/=}" 2>/dev/null)
  case $kind in
    :files) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
    :folders) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current") ;;
  esac
  [[ -n $kind ]] && compopt -o filenames 2>/dev/null
  return 0
}
complete -F _smimp_completion smimp
`,
  zsh: `#compdef smimp
_smimp() {
  local line kind=""
  local -a described words_before
  words_before=("\${(@)words[2,CURRENT]}")
  for line in "\${(@f)$(smimp complete -- "\${(@)words_before/#/=}" 2>/dev/null)}"; do
    case $line in
      "") ;;
      :*) kind=$line ;;
      *) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( $#described )) && _describe -t words word described
  case $kind in
    :files) _files ;;
    :folders) _files -/ ;;
  esac
  return 0
}
if [[ \${funcstack[1]} == _smimp ]]; then _smimp "$@"; else compdef _smimp smimp; fi
`,
  fish: `function __smimp_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    for line in (smimp complete -- "="$words "=$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current" ""
            case '*'
                echo $line
        end
    end
end
complete -c smimp -f -a '(__smimp_complete)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName smimp -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "=$_" })
    if ($wordToComplete -eq '') { $words += '=' }
    smimp complete -- @words 2>$null | ForEach-Object {
        $word, $meaning = $_ -split "\`t", 2
        if ($word -eq ':files' -or $word -eq ':folders') {
            Get-ChildItem -Path "$wordToComplete*" -Directory:($word -eq ':folders') -ErrorAction SilentlyContinue | ForEach-Object {
                $path = if ($_.FullName -match '\\s') { "'$($_.FullName)'" } else { $_.FullName }
                [System.Management.Automation.CompletionResult]::new($path, $_.Name, 'ProviderItem', $_.FullName)
            }
        } else {
            if (-not $meaning) { $meaning = $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $meaning)
        }
    }
}
`,
};

/** The script that makes a shell complete words behind `smimp`. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
