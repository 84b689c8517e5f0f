"""Evaluate the markers of requirements for the functions' system, whatever this machine is."""

from collections.abc import Iterator

from harness.base.errors import ToolError
from harness.base.pythons import runtime_version


def is_for_lambda(marker: str, where: str) -> bool:
    """Tell whether a requirement with a marker is for the functions, without extras.

    Args:
        marker: empty: it is for all systems.
        where: what it stands in, for the message.

    Raises:
        ToolError: it is no marker.
    """
    if not marker:
        return True
    from packaging import markers  # noqa: PLC0415 - a tenth of the time that a bundle takes

    try:
        return markers.Marker(marker).evaluate(dict(_place()))
    except (markers.InvalidMarker, markers.UndefinedComparison, markers.UndefinedEnvironmentName) as error:
        raise ToolError(f"{marker} is no marker ({where})", "write one as python_version >= '3.13'") from error


def _place() -> Iterator[tuple[str, str]]:
    version = runtime_version()
    yield "python_version", version
    yield "python_full_version", f"{version}.0"
    yield "implementation_name", "cpython"
    yield "platform_python_implementation", "CPython"
    yield "os_name", "posix"
    yield "sys_platform", "linux"
    yield "platform_system", "Linux"
    yield "platform_machine", "aarch64"
    yield "extra", ""
