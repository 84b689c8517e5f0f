"""The bill of materials of a zip, as CycloneDX: each package and each file in it, told from the zip itself."""

import datetime
import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Collection, Iterable, Mapping
from importlib.util import source_from_cache
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from harness.base.errors import HarnessError
from harness.base.paths import BUNDLES, REPO, REPORTS, bundle_zip, write_atomically
from harness.base.pins import canonical
from harness.bundle.archive import pins_of
from harness.bundle.wheels import Wheel, vendored
from harness.facts import service_names, shared_packages

VERSION = SchemaVersion.V1_6
# Some packages put the whole text of their licence where its name belongs.
_LONGEST_NAME = 80
# The one that a zip's members have.
_NO_DAY = datetime.date(1980, 1, 1)


def write_bills(day: datetime.date | None, folder: Path = BUNDLES, tree: Path = REPO) -> tuple[Path, ...]:
    """Write the bill of each service's zip below ``build/reports``; return the files.

    Args:
        day: that of the commit whose files the zips hold: the same commit has the same bill; None: it is not known.
        folder: where the zips are.

    Raises:
        HarnessError: a zip holds a file that is of no package.
    """
    made = datetime.datetime.combine(day or _NO_DAY, datetime.time(), datetime.UTC)
    written = []
    for service in service_names(tree):
        text = bill_of(
            service,
            bundle_zip(service, folder).read_bytes(),
            vendored(pins_of(service, tree)),
            shared_packages(tree),
            made,
        )
        path = REPORTS / f"sbom-{service}.cdx.json"
        write_atomically(path, text.encode())
        written.append(path)
    return tuple(written)


def bill_of(
    service: str, data: bytes, wheels: Iterable[Wheel], shared: Collection[str], made: datetime.datetime
) -> str:
    """Return the bill of a zip as JSON: the zip, packages of others that it holds, and our own, with their files.

    Byte-code is listed with the package of its source.

    Args:
        data: the zip.
        shared: names of our own packages that services share.

    Raises:
        HarnessError: it holds a file that is of no package.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        left = {name: archive.read(name) for name in archive.namelist()}
    version = str(json.loads(left[f"{service}/contract.json"])["info"]["version"])
    zipped = Component(
        name=service, version=version, type=ComponentType.APPLICATION, hashes=[_hash(data)], bom_ref=f"{service}.zip"
    )
    bill = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(data).hexdigest()),
        metadata=BomMetaData(component=zipped, timestamp=made),
    )
    compiled = {source_from_cache(name): name for name in left if name.endswith(".pyc")}
    for wheel in wheels:
        own = [name for name, content in wheel.files.items() if left.get(name) == content]
        if taken := {name: left.pop(name) for name in (*own, *(compiled[name] for name in own if name in compiled))}:
            bill.components.add(_of_others(wheel, taken))
    for package in (service, *shared):
        if taken := {name: left.pop(name) for name in list(left) if name.startswith(f"{package}/")}:
            bill.components.add(Component(name=package, version=version, bom_ref=package, components=_files(taken)))
    if left:
        raise HarnessError(
            f"the zip of {service} holds {min(left)}, which is of no package",
            "run make bundle, and find out who put it there",
        )
    bill.register_dependency(zipped, bill.components)
    return make_outputter(bill, OutputFormat.JSON, VERSION).output_as_string(indent=2) + "\n"


def _of_others(wheel: Wheel, taken: Mapping[str, bytes]) -> Component:
    name, version = wheel.metadata["Name"], wheel.metadata["Version"]
    purl = PackageURL("pypi", name=canonical(name), version=version)
    return Component(
        name=name,
        version=version,
        purl=purl,
        bom_ref=purl.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=wheel.sha256)],
        licenses=[_licence(wheel)],
        components=_files(taken),
    )


def _licence(wheel: Wheel) -> License:
    told = wheel.metadata["License-Expression"] or wheel.metadata["License"] or ""
    if not told or len(told) > _LONGEST_NAME:
        classifiers = [one for one in wheel.metadata.get_all("Classifier", []) if one.startswith("License ::")]
        told = " AND ".join(one.rpartition(":: ")[2] for one in classifiers) or "not told"
    return LicenseFactory().make_from_string(told)


def _files(taken: Mapping[str, bytes]) -> list[Component]:
    return [
        Component(name=name, type=ComponentType.FILE, hashes=[_hash(content)], bom_ref=name)
        for name, content in taken.items()
    ]


def _hash(content: bytes) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(content).hexdigest())
