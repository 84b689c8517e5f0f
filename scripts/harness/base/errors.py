"""The one exception family of the harness. ``cli.main`` alone catches it and turns it into an exit code."""


class HarnessError(Exception):
    """Something could not be done.

    Args:
        tried: what was tried and what went wrong, naming file, address or variable; never a secret value.
        remedy: what to do next, in the imperative; empty when ``tried`` says it all.
    """

    exit_code = 2

    def __init__(self, tried: str, remedy: str = "") -> None:
        super().__init__(tried)
        self.tried = tried
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the failure, then the remedy after an arrow; below a failure of several lines, on its own."""
        gap = "\n" if "\n" in self.tried else " "
        return f"{self.tried}{gap}-> {self.remedy}" if self.remedy else self.tried

    @property
    def printed(self) -> str:
        """The error as a person meets it: ``error:`` and the first line, the others indented below."""
        return "error: " + str(self).replace("\n", "\n  ")


class UsageError(HarnessError):
    """The command line or an environment variable is wrong."""


class ToolError(HarnessError):
    """A program the harness ran (terraform, checkov, pip) failed or is missing."""


class PlanFormatError(HarnessError):
    """A plan's JSON is not what this harness understands: it fails closed."""


class StaleError(HarnessError):
    """A saved plan is missing, or no longer matches the files it was made from."""
