"""Every kind of setting is broken in every way that is meant, by its syntax alone."""

from __future__ import annotations

from pathlib import Path

import hcl2
import pytest
import yaml

from harness.base.paths import REPO
from harness.lab.mutation.derive import derive, derive_yaml
from harness.lab.mutation.mutant import Mutant, Operator

HCL = sorted([*REPO.glob("modules/*/*.tf"), *REPO.glob("envs/*/*.tf")])


def broken(text: str, operator: Operator) -> list[str]:
    return [one.applied(text) for one in derive(text, "x.tf") if one.operator is operator]


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        (Operator.FLIP_BOOLEAN, 'a "b" "c" {\n  d = true\n}', ['a "b" "c" {\n  d = false\n}']),
        (Operator.CHANGE_NUMBER, 'a "b" "c" {\n  d = 9\n}', ['a "b" "c" {\n  d = 10\n}']),
        (Operator.CHANGE_NUMBER, 'a "b" "c" {\n  d = 0.5\n}', ['a "b" "c" {\n  d = 1.0\n}']),
        (Operator.DELETE_ATTRIBUTE, 'a "b" "c" {\n  d = 9\n}', ['a "b" "c" {\n  \n}']),
        (Operator.DELETE_BLOCK, "a {\n  d {}\n}", ["", "a {\n  \n}"]),
        (Operator.CHANGE_TEXT, 'a {\n  d = "b-${c}"\n}', ['a {\n  d = "b-x${c}"\n}']),
        (Operator.CHANGE_TEXT, 'a {\n  d = ""\n}', ['a {\n  d = "x"\n}']),
        (Operator.DELETE_ELEMENT, "a {\n  d = [e.f, g.h]\n}", ["a {\n  d = [ g.h]\n}", "a {\n  d = [e.f]\n}"]),
        (Operator.DELETE_ELEMENT, "a {\n  d = [\n    e,\n  ]\n}", ["a {\n  d = [\n    \n  ]\n}"]),
        (Operator.DELETE_ENTRY, "a {\n  d = {e = 1, f = 2}\n}", ["a {\n  d = { f = 2}\n}", "a {\n  d = {e = 1}\n}"]),
        (Operator.WIDEN, 'a {\n  source_arn = "${b.c}/*"\n}', ['a {\n  source_arn = "*"\n}']),
        (Operator.WIDEN, 'a {\n  d = { Resource = b.c }\n}', ['a {\n  d = { Resource = "*" }\n}']),
        (Operator.WIDEN, 'a {\n  Resource = "*"\n}', []),
        (Operator.TURN_OPERATOR, "a {\n  d = e >= f\n}", ["a {\n  d = e > f\n}"]),
        (Operator.TURN_OPERATOR, "a {\n  d = e && !f\n}", ["a {\n  d = e || !f\n}", "a {\n  d = e && f\n}"]),
        (Operator.SWAP_BRANCHES, "a {\n  d = e ? f : g * 2\n}", ["a {\n  d = e ? g * 2 : f\n}"]),
        (Operator.DROP_CONDITION, "a {\n  d = [for e in f : e if e.on]\n}", ["a {\n  d = [for e in f : e ]\n}"]),
    ],
)  # fmt: skip
def test_it_is_broken(operator: Operator, text: str, expected: list[str]) -> None:
    assert broken(text, operator) == expected


def test_prose_and_types_are_left_alone() -> None:
    variable = 'variable "a" {\n  description = "b"\n  type = string\n  validation {\n    error_message = "c"\n  }\n}\n'
    assert [one.operator for one in derive(variable, "x.tf")] == [Operator.DELETE_BLOCK]
    assert derive('output "a" {\n  description = "b"\n}\n', "x.tf")[0].operator is Operator.DELETE_BLOCK


def test_a_resources_description_is_a_setting() -> None:
    assert broken('resource "a" "b" {\n  description = "c"\n}', Operator.CHANGE_TEXT)


def test_keys_are_unique_and_do_not_know_lines() -> None:
    text = 'a "b" {\n  d = ["e", "f"]\n  g = true\n}'
    keys = [one.key for one in derive(text, "x.tf")]
    assert len(set(keys)) == len(keys)
    assert keys == [one.key for one in derive("\n\n# moved down\n" + text, "x.tf")]
    assert "x.tf:a.b.g:flip-boolean" in keys
    assert [one.line for one in derive(text, "x.tf") if one.path == "a.b.g"] == [3, 3]


@pytest.mark.parametrize("file", HCL, ids=lambda file: str(file.relative_to(REPO)))
def test_every_mutant_of_this_repository_is_hcl_and_differs(file: Path) -> None:
    text = file.read_text()
    mutants = derive(text, file.name)
    assert mutants
    for mutant in sample(mutants):
        assert mutant.applied(text) != text
        hcl2.parses_to_tree(mutant.applied(text))


def sample(mutants: list[Mutant]) -> list[Mutant]:
    """One of each kind: parsing all of them takes minutes."""
    return list({mutant.operator: mutant for mutant in mutants}.values())


def test_data_in_yaml_is_broken_too() -> None:
    text = "statements:\n  - sid: A\n    why: because\n    required: true\n    actions:\n      - name: b\n  - sid: B\n"
    found = {one.applied(text) for one in derive_yaml(text, "x.yaml")}
    expected = [
        {"statements": [{"sid": "Ax", "why": "because", "required": True, "actions": [{"name": "b"}]}, {"sid": "B"}]},
        {"statements": [{"sid": "A", "why": "because", "required": False, "actions": [{"name": "b"}]}, {"sid": "B"}]},
        {"statements": [{"sid": "A", "why": "because", "required": True, "actions": [{"name": "bx"}]}, {"sid": "B"}]},
        {"statements": [{"sid": "A", "why": "because", "required": True, "actions": None}, {"sid": "B"}]},
        {"statements": [{"sid": "B"}]},
        {"statements": [{"sid": "A", "why": "because", "required": True, "actions": [{"name": "b"}]}, {"sid": "Bx"}]},
        {"statements": [{"sid": "A", "why": "because", "required": True, "actions": [{"name": "b"}]}]},
    ]
    assert len(found) == len(expected)
    assert all(yaml.safe_load(one) in expected for one in found)
