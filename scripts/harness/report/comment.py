"""The page of a plan for a pull request, in GitHub's Markdown, cut to what a comment holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.base.findings import Finding
from harness.report import told
from harness.report.escaping import code, fence, html_code, unlinked
from harness.report.planned import Gate, PlanReport
from harness.report.reported import SIGNS
from harness.report.told import Line, View

LIMIT = 65_000
"""GitHub's refusal names 65,536 characters, what it counts are 262,144 bytes: this is within both, marker included."""
SUMMARY_LIMIT = 1_000_000
_VIEW = View(width=110)
_COLOURS = {"+": "+", "-": "-", "-/+": "-", "+/-": "-", "": " "}
_FEWEST = 5
"""A block of which fewer lines fit is left out whole."""
_NAME, _TEXT, _MESSAGE = 120, 400, 2_000
"""Characters of each at most, so that none takes the room of all others: escaped, one becomes five."""
_LINES, _BATCH = 10, 8_000
"""Lines of gates, and characters of findings that are left out together."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page that may be left out, or cut between its lines.

    Attributes:
        head: lines before the block of code; ``tail`` those after it.
        lines: of the block of code, if there is one.
    """

    name: str
    head: tuple[str, ...]
    lines: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()

    def text(self, most: int | None = None) -> str:
        """Write it with at most so many lines of code."""
        kept = list(self.lines if most is None else self.lines[:most])
        if len(kept) < len(self.lines):
            kept.append(f"# … {len(self.lines) - len(kept):,} more lines")
        return "\n".join([*self.head, *(fence(kept, "diff") if kept else []), *self.tail, ""])


def comment(report: PlanReport, whole: str, limit: int = LIMIT) -> str:
    """Write the page: verdict, gates, what is destroyed, findings; then a fold for each module.

    Args:
        whole: where everything is told, for a page that had to be cut.
        limit: characters that it may have.
    """
    return fitted(list(_blocks(report)), whole, limit)


def fitted(blocks: Sequence[Block], whole: str, limit: int) -> str:
    """Join blocks as far as they fit, and say what is left out and where the whole is."""
    parts: list[str] = []
    left_out: list[str] = []
    room = limit - 600  # for the words on what is left out
    for block in blocks:
        text = block.text()
        if len(text) + 1 > room and not left_out:
            text = _shortened(block, room)
            left_out.append(block.name)
        elif left_out or len(text) + 1 > room:
            left_out.append(block.name)
            continue
        if text:
            parts.append(text)
            room -= len(text) + 1
    if left_out:
        different = list(dict.fromkeys(one[:60] for one in left_out))
        names = ", ".join(map(code, different[:5])) + (" …" if len(different) > 5 else "")
        parts.append(
            f"**Cut to what GitHub takes.** Left out, wholly or in part: {names}. The whole is in {code(whole)}.\n"
        )
    return "\n".join(parts)


def _shortened(block: Block, room: int) -> str:
    """Write as many lines of a block as fit; nothing when those are too few to help."""
    low, high = 0, len(block.lines)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(block.text(middle)) < room else (low, middle - 1)
    return block.text(low) if low >= _FEWEST else ""


def _blocks(report: PlanReport) -> Iterator[Block]:
    found = report.changes
    yield Block("verdict", (_verdict(report), ""), tail=tuple(_facts(report)))
    if found.destructive:
        lines = told.destruction(found, _VIEW)
        yield _code("what is destroyed", ("**Destroyed or replaced**", ""), lines)
    yield from (Block("findings", batch) for batch in _batches(map(_finding, report.findings)))
    for module, changed in told.by_module(found):
        name = module or "root module"
        counts = _words(told.headline(told.only(found, changed)))
        yield _folded(name, f"{html_code(_cut(name, _NAME))}: {counts}", told.others(changed, _VIEW))
    if found.outputs:
        yield _folded("outputs", f"outputs: {len(found.outputs)}", told.outputs(found.outputs, _VIEW))
    if found.drift:
        yield _folded("drift", f"changed outside Terraform: {len(found.drift)}", told.drift(found.drift, _VIEW))
    for gate in report.gates:
        if gate.held:
            yield _fold(f"{gate.name} that hold", f"{len(gate.held)} {_name(gate.name)} hold", [_codes(gate.held)])


def _verdict(report: PlanReport) -> str:
    sign = "❌" if report.failed else "💬" if report.findings else "✅"
    destructive = sum(not one.remade for one in report.changes.destructive)
    bold = f"**{destructive} destroyed or replaced** · " if destructive else ""
    return f"### {sign} {_name(report.title)}: {bold}{_words(told.headline(report.changes))}"


def _facts(report: PlanReport) -> Iterator[str]:
    if report.basis:
        yield from (_words(report.basis), "")
    for gate in report.gates:
        if gate.ran:
            sign = "❌" if gate.failed else "💬" if gate.findings else "✅"
            yield f"- {sign} {_name(gate.name)}: {_words(gate.verdict)}"
    if report.missed:
        yield f"- not run: {', '.join(map(_missed, report.missed))}"
    yield from (f"- {_words(line)}" for line in report.lines[:_LINES])
    if len(report.lines) > _LINES:
        yield f"- {len(report.lines) - _LINES:,} more lines"
    if report.cost:
        yield f"- cost: {_words(report.cost)}"
    yield ""


def _missed(gate: Gate) -> str:
    return f"{_name(gate.name)} ({_code_of(gate.command)})"


def _finding(finding: Finding) -> str:
    why = f"<br><sub>{_words(finding.guideline)}</sub>" if finding.guideline else ""
    where = f" {_code_of(finding.address)}" if finding.address else ""
    message = _words(finding.message, _MESSAGE)
    return f"- {SIGNS[finding.severity]} **{_name(finding.check)}**{where}: {message}{why}"


def _batches(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Gather lines into blocks that are left out whole: small ones, as one that does not fit ends the page."""
    batch: list[str] = []
    for line in lines:
        if batch and sum(map(len, batch)) + len(line) > _BATCH:
            yield tuple(batch)
            batch = []
        batch.append(line)
    if batch:
        yield tuple(batch)


def _words(text: str, most: int = _TEXT) -> str:
    return unlinked(_cut(text, most))


def _name(text: str) -> str:
    return _words(text, _NAME)


def _code_of(text: str) -> str:
    return code(_cut(text, _TEXT))


def _codes(names: Sequence[str]) -> str:
    return ", ".join(code(_cut(name, _NAME)) for name in names)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def _folded(name: str, title: str, lines: Iterator[Line]) -> Block:
    block = _code(name, _opening(title), lines)
    return Block(name, block.head, block.lines, ("", "</details>"))


def _fold(name: str, title: str, lines: Sequence[str]) -> Block:
    return Block(name, (*_opening(title), *lines), tail=("", "</details>"))


def _opening(title: str) -> tuple[str, str]:
    return f"<details><summary>{title}</summary>", ""


def _code(name: str, head: tuple[str, ...], lines: Iterator[Line]) -> Block:
    return Block(name, head, tuple(map(_diff, lines)))


def _diff(line: Line) -> str:
    """Write a line as GitHub colours it: by its first character, ``!`` for what changes in place."""
    sign = f"{line.sign} " if len(line.sign) > 1 else ""
    return f"{_COLOURS.get(line.sign, '!')} {'  ' * line.depth}{sign}{_cut(line.text, _MESSAGE)}"
