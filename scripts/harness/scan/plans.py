"""Plans made for scanning: without any AWS, of a copy of the tree, the environments and the account side by side.

Few things differ from ``make plan``. The state is empty and local, so that everything is in the plan whatever was
deployed. And a key's ARN, which AWS hands out at creation, is a made-up one: otherwise every attribute made from it
is unknown, checkov takes unknown for unset, and all that is encrypted with the key seems not to be. Only outputs
that are exactly ``aws_kms_key.<name>.arn`` are replaced; how the ARN gets from there to where it is used is planned
as written, so that a broken wire shows. The account's root is planned with the roles for CI, the most powerful of
all, and without the ``import`` of its bucket, which would have to be read.
"""

import re
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.aws.offline import ACCOUNT, offline
from harness.base.paths import ACCOUNT as ACCOUNT_ROOT
from harness.base.paths import BUILD, BUNDLES, REPO, SHARED, built_files, ensure_folder
from harness.base.progress import phase
from harness.base.texts import text_of
from harness.bundle.archive import build_bundle
from harness.facts import read_blueprint, service_names
from harness.facts.stacks import environments
from harness.fastlane.lane import Lane
from harness.fastlane.provider import locked_provider
from harness.plan import Plan, read_plan
from harness.terraform.binary import find_terraform, terraform_environment
from harness.terraform.sandbox import copy_sources, drop_imports, keep_state_local, lock_file

_KEY_OUTPUT = re.compile(r'^output\s+"(\w+)"\s*\{[^}]*?^\s*value\s*=\s*aws_kms_key\.\w+\.arn\s*$', re.MULTILINE)
_KEY = "arn:aws:kms:{region}:{account}:key/00000000-0000-4000-8000-000000000000"
_OVERRIDE = 'output "{name}" {{\n  value = "{value}"\n}}\n'
_VARIABLES = {ACCOUNT_ROOT: {"github_repository": {"id": "2", "name": "example/repository", "owner_id": "1"}}}
_COMMENT_LINE = re.compile(rb"^[ \t]*(#|//).*$", re.MULTILINE)


def offline_plans(names: Sequence[str] = ()) -> dict[str, Plan]:
    """Plan environments, every one by default, as if nothing were deployed; needs no AWS.

    Raises:
        HarnessError: Terraform rejects the configuration.
    """
    names = tuple(names) or environments()
    build_bundle()
    with phase(f"plan {', '.join(names)}, offline"), tempfile.TemporaryDirectory(prefix="plans-") as folder:
        copy_tree(REPO, Path(folder))
        plans = make_plans(Path(folder), tuple(names), made_up_key=False)
        return {name: read_plan(data) for name, data in plans.items()}


def copy_tree(source: Path, tree: Path) -> None:
    """Copy what plans and the HCL scan read into ``tree``, in the same relative places.

    Files that roots share become files of each root; the folder they come from is left out, as it is no root. Lines
    that are only a comment become empty: checkov's parser fails on some that Terraform takes, and obeys
    ``checkov:skip`` in others, which would be an exception without owner, reason and expiry. Line numbers stay.

    Args:
        source: the tree to scan; every service's zip and what stands beside it must have been built.
        tree: an empty folder.
    """
    copy_sources(source, tree)
    shutil.rmtree(tree / "envs" / SHARED, ignore_errors=True)
    (source_folder, folder) = (top / BUNDLES.relative_to(REPO) for top in (source, tree))
    folder.mkdir(parents=True)
    for service in service_names(source):
        for path in built_files(service, source_folder):
            shutil.copyfile(path, folder / path.name)
    for file in (*tree.glob("envs/*/*.tf"), *tree.glob("modules/*/*.tf")):
        text = file.read_bytes()
        if b"<<" not in text:  # inside a heredoc it is no comment
            file.write_bytes(_COMMENT_LINE.sub(b"", text))


def make_up_key(tree: Path) -> None:
    """Give every key that is yet to be made an ARN, in ``tree``, a copy. Modules and their sources stay as they are."""
    arn = _KEY.format(region=read_blueprint().region, account=ACCOUNT)
    for file in tree.glob("modules/*/outputs.tf"):
        outputs = _KEY_OUTPUT.findall(text_of(file))
        text = "".join(_OVERRIDE.format(name=name, value=arn) for name in outputs)
        (file.parent / "scan_override.tf").write_text(text)


def make_plans(tree: Path, names: tuple[str, ...] | None = None, *, made_up_key: bool = True) -> dict[str, bytes]:
    """Plan roots in ``tree``; return their plan JSON by name.

    Args:
        tree: made by :func:`copy_tree`; it is changed.
        names: folders below ``envs/``; by default the environments.
        made_up_key: give a key that is yet to be made an ARN, as checkov needs; False leaves it unknown.

    Raises:
        ToolError: Terraform refuses the configuration, or cannot run.
    """
    if made_up_key:
        make_up_key(tree)
    names = names or tuple(read_blueprint(tree).environments)
    for name in names:
        drop_imports(tree / "envs" / name)
        keep_state_local(tree / "envs" / name)
    terraform, cache = find_terraform(), BUILD / "cache" / "fastlane"
    with offline() as stub, ThreadPoolExecutor(len(names)) as threads:
        env = stub.environment() | terraform_environment(ensure_folder(tree / "data"))
        provider = locked_provider(terraform, lock_file(tree), cache, env)

        def plan(name: str) -> bytes:
            # A lane each: two plans that share a provider leak configuration into each other.
            with Lane(terraform, provider, cache, env) as lane:
                return lane.plan(tree / "envs" / name, variables=_VARIABLES.get(name))

        return dict(zip(names, threads.map(plan, names), strict=True))
