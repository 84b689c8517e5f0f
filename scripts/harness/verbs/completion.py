"""``scripts/blueprint completion bash``: words for a shell to complete. Standard library only."""

import shlex

from harness.base.command_line import nearest
from harness.base.errors import UsageError
from harness.base.options import OPTIONS, Options, flag
from harness.base.verb_list import VERBS
from harness.verbs.help import listed_environments

_ENVIRONMENTS = "environments"
_OF_ENVIRONMENTS = ("ENV", "CONFIRM", "ENVIRONMENT", "FROM")
_WORDS = {"completion": "bash zsh", "help": " ".join(VERBS)}
_ZSH = """\
autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
"""
# Bash makes a word of its own of the sign in --env=name; zsh, which runs the same function, does not.
_BASH = """\
# eval "$(scripts/blueprint completion SHELL)"
_blueprint() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD == 1 )); then
    words=VERBS
  else
    case $before in
VALUES
      *)
        case ${COMP_WORDS[1]} in
OPTIONS
        esac ;;
    esac
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$word") )
}
complete -F _blueprint blueprint
"""


def run(options: Options) -> int:
    """Print the script that makes a shell complete verbs, options and environments; or the environments.

    Raises:
        UsageError: the shell is another one.
    """
    word = options.arguments
    if word == _ENVIRONMENTS:
        print("\n".join(listed_environments()))
        return 0
    if word not in ("bash", "zsh"):
        remedy = nearest(word, ("bash", "zsh")) or "scripts/blueprint completion bash, or zsh"
        raise UsageError(f"{word} is not a shell that can be told" if word else "no shell is named", remedy)
    print((_ZSH if word == "zsh" else "") + script(word), end="")
    return 0


def script(shell: str) -> str:
    """Write the function that completes."""
    valued = [variable for variable, (_, option) in OPTIONS.items() if option.value]
    values = [f"      {flag(variable)}) {_words(variable)} ;;" for variable in valued]
    verbs = [
        f"          {name}) words={shlex.quote(' '.join(filter(None, [_WORDS.get(name), *map(flag, verb.takes)])))} ;;"
        for name, verb in VERBS.items()
    ]
    text = _BASH.replace("SHELL", shell).replace("VALUES", "\n".join(values)).replace("OPTIONS", "\n".join(verbs))
    return text.replace("VERBS", shlex.quote(" ".join(VERBS)))


def _words(variable: str) -> str:
    """Write what sets the words for the value of an option; of one verb they may be other words."""
    own = {name: " ".join(found) for name, verb in VERBS.items() if (found := verb.choices(variable))}
    words = f"words={_values(variable)}"
    cases = "".join(f"{name}) words={shlex.quote(text)} ;; " for name, text in own.items())
    return f"case ${{COMP_WORDS[1]}} in {cases}*) {words} ;; esac" if cases else words


def _values(variable: str) -> str:
    if variable in _OF_ENVIRONMENTS:
        return f'$("${{COMP_WORDS[0]/#\\~/${{HOME-}}}}" completion {_ENVIRONMENTS} 2>/dev/null)'
    return shlex.quote(" ".join(OPTIONS[variable][1].choices))
