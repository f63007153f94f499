"""Copy the front-end files named in package.json from node_modules to static/vendor, with licences and a sha256 manifest.

`npm ci --ignore-scripts && python -m config.vendor` copies; `python -m config.vendor --check` compares what is committed.
A manifest storage follows every `url()` and source map it meets: source maps are stripped, and every font a stylesheet names is copied.
"""

import hashlib
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"
MANIFEST = TARGET / "manifest.json"

FILES = {
    "bootstrap": ["dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"],
    "bootstrap-icons": ["font/bootstrap-icons.min.css"],
    "echarts": ["dist/echarts.common.min.js"],  # bars, lines, pies, and no maps
    "htmx.org": ["dist/htmx.min.js"],
    "signature_pad": ["dist/signature_pad.umd.min.js"],
    "tom-select": ["dist/css/tom-select.bootstrap5.min.css", "dist/js/tom-select.complete.min.js"],
}
# What a bundle carries inside it under another licence, which then stands beside its own.
BUNDLED = {"bootstrap": ["@popperjs/core"], "echarts": ["zrender", "tslib"]}
# What a licence asks to be handed on beside it, where a package has it.
NOTICES = ("NOTICE", "licenses/*")
LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt")

_SOURCE_MAP = re.compile(r"(/\*[#@]\s*sourceMappingURL=.*?\*/|//[#@]\s*sourceMappingURL=[^\n]*)\n?")
_URL = re.compile(r"""url\(\s*["']?(?!data:)([^"')]+)["']?\s*\)""")


def named_files(stylesheet: str) -> list[str]:
    """The files, relative to the stylesheet, that its url() terms name."""
    return sorted({urlsplit(url).path for url in _URL.findall(stylesheet) if urlsplit(url).path})


def copy_package(package: str, paths: list[str], into: Path) -> dict[str, Any]:
    """Copy one package's files flat into its folder; fonts keep their folder, since stylesheets name them by it."""
    folder, target = SOURCE / package, into / package
    description = json.loads((folder / "package.json").read_text())
    for path in paths:
        text = _SOURCE_MAP.sub("", (folder / path).read_text())
        written = target / Path(path).name
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(text)
        for named in named_files(text) if path.endswith(".css") else []:
            (target / named).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile((folder / path).parent / named, target / named)
    shutil.copyfile(licence_of(folder), target / "LICENSE")
    for inner in BUNDLED.get(package, []):
        shutil.copyfile(licence_of(SOURCE / inner), target / f"LICENSE.{inner.replace('/', '-')}")
    for notice in [file for pattern in NOTICES for file in sorted(folder.glob(pattern))]:
        shutil.copyfile(notice, target / notice.name)
    files = {str(file.relative_to(target)): digest(file) for file in sorted(target.rglob("*")) if file.is_file()}
    return {"version": description["version"], "licence": description["license"], "files": files}


def licence_of(folder: Path) -> Path:
    for name in LICENCES:
        if (folder / name).exists():
            return folder / name
    sys.exit(f"{folder.relative_to(ROOT)} has no licence file; is `npm ci` done?")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def copy() -> None:
    """Renew static/vendor whole, so that nothing of an older version stays behind; a failure on the way changes nothing."""
    with tempfile.TemporaryDirectory(dir=TARGET.parent) as folder:
        made = Path(folder) / TARGET.name
        manifest = {package: copy_package(package, paths, made) for package, paths in FILES.items()}
        (made / MANIFEST.name).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        shutil.rmtree(TARGET, ignore_errors=True)
        made.rename(TARGET)


def differences() -> list[str]:
    """What in static/vendor does not match the manifest, or in the manifest does not match package.json; empty when all is well."""
    manifest = json.loads(MANIFEST.read_text())
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    found = {package: entry["version"] for package, entry in manifest.items()}
    faults = [] if found == wanted else [f"versions: {found} in the manifest, {wanted} in package.json"]
    listed = {f"{package}/{name}": sha for package, entry in manifest.items() for name, sha in entry["files"].items()}
    present = {str(file.relative_to(TARGET)): digest(file) for file in TARGET.rglob("*") if file.is_file() and file != MANIFEST}
    faults += [f"missing: {name}" for name in sorted(listed.keys() - present.keys())]
    faults += [f"not in the manifest: {name}" for name in sorted(present.keys() - listed.keys())]
    faults += [f"changed: {name}" for name in sorted(listed.keys() & present.keys()) if listed[name] != present[name]]
    return faults


if __name__ == "__main__":
    if "--check" not in sys.argv:
        copy()
    if faults := differences():
        sys.exit("\n".join(faults))
