"""Pages are followed block by block, and what does not fit is named with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.pages import PageError, edited, follow, read_page, unprinted

PAGE = """\
# Title

## First
Words.

```sh
printf 'one\\ntwo\\nthree\\n' > list.txt
```

```diff list.txt
 one
-two
+2
 three
```

## Second

```yaml deep/down/new.yaml
key: value
```

```sh exit=3
echo so far; echo and further; exit 3
```

```text output
so far
```

```text aws
rm list.txt
```
"""


def test_a_page_is_followed(tmp_path: Path) -> None:
    first, second = (follow(section, tmp_path, os.environ) for section in read_page(PAGE))
    assert (first.title, first.changed, first.printed) == ("First", frozenset({"list.txt"}), "")
    assert (second.title, second.changed) == ("Second", frozenset({"deep/down/new.yaml"}))
    assert second.printed == "so far\nand further\n"
    assert (tmp_path / "list.txt").read_text() == "one\n2\nthree\n"
    assert (tmp_path / "deep/down/new.yaml").read_text() == "key: value\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("exit=3", "exit=2", "line 23: echo so far; echo and further; exit 3 ended with 3, not 2"),
        ("exit 3\n```", "false\n```", "ended with 1, not 3"),
        (
            "so far\n```\n\n```text aws",
            "so near\n```\n\n```text aws",
            "line 27: the command before did not print 'so near'",
        ),
        ("-two", "-too", "line 10: list.txt: what the change is about stands there 0 times"),
        ("diff list.txt", "diff gone.txt", "line 10: gone.txt is not there"),
        ("yaml deep/down/new.yaml", "yaml list.txt", "line 19: list.txt is there already"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(old: str, new: str, told: str, tmp_path: Path) -> None:
    assert PAGE.count(old) == 1
    with pytest.raises(PageError) as failure:
        for section in read_page(PAGE.replace(old, new)):
            follow(section, tmp_path, os.environ)
    assert told in str(failure.value)


@pytest.mark.parametrize(
    "info", ["", "bash", "sh later", "text", "text later", "diff", "yaml", "hcl ../x.tf", "hcl /x.tf"]
)
def test_a_block_of_which_nothing_becomes_is_refused(info: str) -> None:
    with pytest.raises(PageError, match="line 2: nothing says what becomes of"):
        read_page(f"words\n```{info}\n```\n")


def test_a_block_that_does_not_end_is_refused() -> None:
    with pytest.raises(PageError, match="line 1: this block does not end"):
        read_page("```sh\ntrue\n")


def test_a_command_that_fails_ends_its_block(tmp_path: Path) -> None:
    (section,) = read_page("```sh\nfalse\ntouch there\n```\n")
    with pytest.raises(PageError, match="ended with 1"):
        follow(section, tmp_path, os.environ)
    assert not (tmp_path / "there").exists()


def test_several_changes_of_a_file_and_texts_that_look_like_patterns() -> None:
    change = " a.c\n+b\\1\n@@\n-(d\n-e\n\n+f\n"
    assert edited("a.c\nabc\n(d\ne\n\n", change) == "a.c\nb\\1\nabc\n\nf\n"


@pytest.mark.parametrize(
    ("text", "change", "told"),
    [
        ("a\na\n", "-a\n", "2 times"),
        ("ba\n", "-a\n", "0 times"),
        ("a\n", "a\n", "begins with a space"),
        ("a\n", " a\n", "changes nothing"),
        ("a\n", "+b\n", "0 times"),
    ],
)
def test_a_change_that_is_none_is_refused(text: str, change: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        edited(text, change)


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [("one\ntwo\n", None), ("one\n...\nthree\n", None), ("two\none\n", "one"), ("four\n", "four"), ("  w  \n", None)],
)
def test_an_output_is_told_by_its_lines_in_order(wanted: str, missing: str | None) -> None:
    assert unprinted(wanted, "one\ntwo\nthree\n") == missing
