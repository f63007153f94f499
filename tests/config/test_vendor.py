"""What is served from static/vendor is what package.json names, byte for byte, and passes a manifest storage."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config import vendor


def test_vendored_files_match_their_manifest() -> None:
    assert vendor.differences() == []


def test_a_changed_missing_or_added_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "vendor"
    shutil.copytree(vendor.TARGET, copy)
    monkeypatch.setattr(vendor, "TARGET", copy)
    monkeypatch.setattr(vendor, "MANIFEST", copy / "manifest.json")
    (copy / "htmx.org" / "htmx.min.js").write_text("alert(1)")
    (copy / "bootstrap" / "LICENSE").unlink()
    (copy / "stray.js").write_text("")
    assert vendor.differences() == ["missing: bootstrap/LICENSE", "not in the manifest: stray.js", "changed: htmx.org/htmx.min.js"]


def test_every_package_keeps_its_licence_and_an_exact_version() -> None:
    manifest = json.loads(vendor.MANIFEST.read_text())
    wanted = json.loads((vendor.ROOT / "package.json").read_text())["dependencies"]
    assert set(manifest) == set(wanted)
    for package, entry in manifest.items():
        assert wanted[package][0].isdigit(), f"{package} has no exact version"
        assert entry["licence"]
        assert "LICENSE" in entry["files"]


def test_stylesheets_find_their_fonts_and_no_file_names_a_source_map() -> None:
    for stylesheet in vendor.TARGET.rglob("*.css"):
        for named in vendor.named_files(stylesheet.read_text()):
            assert (stylesheet.parent / named).is_file(), f"{stylesheet.name} names {named}"
    for file in [*vendor.TARGET.rglob("*.css"), *vendor.TARGET.rglob("*.js")]:
        assert "sourceMappingURL" not in file.read_text(), file.name


def test_the_lock_names_no_registry() -> None:
    lock = (vendor.ROOT / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "registry" not in lock


def test_collectstatic_with_a_manifest_storage(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert {"css/theme.css", "js/frame.js", "vendor/bootstrap-icons/fonts/bootstrap-icons.woff2"} <= paths.keys()
    icons = (tmp_path / paths["vendor/bootstrap-icons/bootstrap-icons.min.css"]).read_text()
    assert Path(paths["vendor/bootstrap-icons/fonts/bootstrap-icons.woff2"]).name in icons
