"""Provider types that a configuration, a state or a saved plan may need: rather too many than too few.

Every word that could be a type's name counts, comments and strings included: a type too many costs a few hundred
bytes, one too few would make Terraform refuse the plan.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_WORD = re.compile(rb"\baws_[a-z0-9_]+")
SUFFIXES = (".tf", ".tf.json")


def types_in_files(files: Iterable[Path]) -> frozenset[str]:
    """List type names mentioned in ``files``; files that are not there are left to Terraform to complain about."""
    return frozenset(word for file in files if file.is_file() for word in words(file.read_bytes()))


def types_in_root(root: Path, data_dir: Path) -> frozenset[str]:
    """List type names in ``root`` and in every module ``terraform init`` listed for it in ``data_dir``."""
    folders = {root, *module_folders(root, data_dir)}
    return types_in_files(file for folder in folders for file in configuration_files(folder))


def types_in_plan(plan_file: Path) -> frozenset[str]:
    """List type names in the configuration, states and changes that a saved plan (a zip archive) carries.

    Raises:
        OSError, zipfile.BadZipFile: there is no plan at that path.
    """
    with zipfile.ZipFile(plan_file) as archive:
        return frozenset(word for name in archive.namelist() for word in words(archive.read(name)))


def words(content: bytes) -> Iterator[str]:
    """List every word in ``content`` that could name a type of the provider."""
    return (word.decode() for word in set(_WORD.findall(content)))


def configuration_files(folder: Path) -> list[Path]:
    """List the files Terraform reads in ``folder``, sorted."""
    return sorted(file for file in folder.glob("*") if file.name.endswith(SUFFIXES)) if folder.is_dir() else []


def module_folders(root: Path, data_dir: Path) -> list[Path]:
    """List the folders of all modules below ``root``, as ``terraform init`` wrote them down; none before it ran."""
    manifest = data_dir / "modules" / "modules.json"
    if not manifest.is_file():
        return []
    modules = json.loads(manifest.read_bytes())["Modules"]
    return [root / module["Dir"] for module in modules]
