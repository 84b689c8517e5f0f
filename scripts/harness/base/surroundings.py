"""The environment, umask and signal settings that a caller hands over: what could change a result is dropped or set.

Children inherit what this process has, so this is done once, before anything else, for all of them. What is meant to
reach a result stays: docs/adr/0041 has the list.
"""

import locale
import os
import re
import signal
import sys
import tempfile
from pathlib import Path

from harness.base.paths import CACHE, REPO

_DROPPED = re.compile(
    r"""
    (?:BASH_FUNC|GIT|LC|MYPY|PIP|PYTEST|RUFF|TF|UV)_.* | PYTHON.+ | MYPYPATH
    | BASH_ENV | BASHOPTS | SHELLOPTS | CDPATH | POSIXLY_CORRECT
    | LANG | LANGUAGE | MAKEFILES | MAKELEVEL | MFLAGS
    | GREP_.* | PY_COLORS | CLICOLOR_FORCE | FORCE_COLOR
    """,
    re.VERBOSE,
)
_MEANT = re.compile(
    r"""
    TF_VAR_.* | TF_TOKEN_.* | TF_REGISTRY_.* | TF_PLUGIN_MIRROR
    # Where packages come from, never which or whereto.
    | PIP_(?:(?:EXTRA_)?INDEX_URL|NO_INDEX|FIND_LINKS|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY|CONFIG_FILE|KEYRING_PROVIDER)
    | PIP_(?:(?:DEFAULT_)?TIMEOUT|RETRIES|(?:NO_)?CACHE_DIR|DISABLE_PIP_VERSION_CHECK)
    | UV_(?:(?:DEFAULT_|EXTRA_)?INDEX.*|NO_INDEX|FIND_LINKS|INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS|KEYRING_PROVIDER)
    | UV_(?:HTTP_.*|OFFLINE|(?:NO_)?CACHE(?:_DIR)?|LINK_MODE|CONCURRENT_.*)
    # Who commits and how git reaches others, never which tree or index it looks at.
    | GIT_(?:AUTHOR|COMMITTER|CONFIG|HTTP|PROXY|SSH|SSL)_?.* | GIT_ASKPASS | GIT_TERMINAL_PROMPT
    # How soon text is seen. And what pytest tells its own workers.
    | PYTHONUNBUFFERED | PYTEST_XDIST_.* | PYTEST_CURRENT_TEST
    """,
    re.VERBOSE,
)
_OWN_ADDRESSES = ("127.0.0.1", "localhost", "::1")
# Widths and colours of what is printed.
_LOOKS = ("COLUMNS", "LINES", "NO_COLOR", "TERM")


def settle() -> bool:
    """Make children of this process independent of its caller, and tell if its own Python read what was dropped.

    AWS settings are left for :func:`forget_aws`: only a command's options say which AWS it talks to.
    """
    dropped = {name: os.environ.pop(name) for name in [*os.environ] if _is_dropped(name)}
    os.environ |= {
        "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "PYTHONPATH": str(REPO / "scripts"),
        "PYTHONPYCACHEPREFIX": str(CACHE / "pycache"),
        "PYTHONUTF8": "1",
        # Both spellings: each is the one that some program reads.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _unproxied()),
    }
    if "TMPDIR" in os.environ:
        os.environ["TMPDIR"] = os.path.abspath(tempfile.gettempdir())  # noqa: PTH100 - links stay
    # Open to others to read as far as the caller says, and never to write.
    os.umask((os.umask(0o077) | 0o022) & 0o077)
    heed_signals()
    # Its streams stay as PYTHONIOENCODING says.
    read = {name for name, value in dropped.items() if name.startswith("PYTHON") and value != os.environ.get(name)}
    read -= {"PYTHONIOENCODING"}
    foreign = sys.flags.utf8_mode == 0 and locale.getencoding().lower() not in ("utf-8", "utf8")
    return not sys.flags.ignore_environment and (foreign or bool(read))


def heed_signals(*also: signal.Signals) -> None:
    """Undo what a caller ignores or blocks: background jobs of shells start with SIGINT ignored.

    SIGHUP stays ignored, which is what ``nohup`` is for, unless it is among ``also``. Children that end unseen, as with
    SIGCHLD ignored, would count as successes.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, *also):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)


def forget_aws() -> None:
    """Drop the caller's accounts, endpoints and certificates of AWS, for a command that talks to none of them."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ |= {**nothing, "AWS_EC2_METADATA_DISABLED": "true"}


def forget_looks() -> None:
    """Drop what says how text is to look: for tests, which read what is printed."""
    for name in _LOOKS:
        os.environ.pop(name, None)


def _is_dropped(name: str) -> bool:
    # A log of Terraform's that goes to a file changes nothing printed. A cache that is not there would end each init.
    logged = name.startswith("TF_LOG") and "TF_LOG_PATH" in os.environ
    cached = name == "TF_PLUGIN_CACHE_DIR" and Path(os.environ[name] or os.devnull).is_dir()
    return bool(_DROPPED.fullmatch(name)) and not (logged or cached or _MEANT.fullmatch(name))


def _unproxied() -> str:
    """List the hosts that no proxy is asked for: the caller's, and this machine."""
    given = f"{os.environ.get('NO_PROXY', '')},{os.environ.get('no_proxy', '')}".split(",")
    hosts = dict.fromkeys(filter(None, given if "*" in given else [*given, *_OWN_ADDRESSES]))
    return ",".join(hosts)
