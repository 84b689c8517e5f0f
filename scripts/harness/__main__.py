"""``python -m harness VERB``."""

import sys

from harness.base.startup import prepare

prepare()

from harness.cli import main  # noqa: E402 - an error in an import is unforeseen, too

sys.exit(main())
