"""The wheel alone, without the clone and without a network: it holds all, and the command works."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import stammkunde
from stammkunde.report.driver import manifest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "stammkunde"
SHIPPED = ("notebooks/*.ipynb", "clients/*.toml", "data/raw/*/SOURCE.toml")


def told(*command, cwd):
    """What a command that ends well says; nothing of this process's Python set-up reaches it."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHONPATH", "PIP_"))}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=env | {"PIP_CONFIG_FILE": os.devnull},
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the clone with the build tool of the lock."""
    folder = tmp_path_factory.mktemp("dist")
    told(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory):
    """The folder of programs of an environment with the wheel; it borrows the libraries only."""
    home = tmp_path_factory.mktemp("environment") / "with the wheel"
    venv.create(home, with_pip=False)
    base = {"base": str(home), "platbase": str(home)}
    site, scripts = (Path(sysconfig.get_path(n, "venv", base)) for n in ("purelib", "scripts"))
    # added as a plain path: the link to the clone that lies there is not followed
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps")
    told(*pip, "--no-index", "--ignore-installed", wheel, cwd=home)
    return scripts


def test_the_wheel_holds_every_file_of_the_package_and_the_examples(wheel):
    files = [p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    wanted = {p.relative_to(ROOT / "src").as_posix() for p in files}
    shipped = {p.relative_to(ROOT).as_posix() for s in SHIPPED for p in ROOT.glob(s)}
    assert {"clients/telco.toml", "notebooks/1_lifetimes.ipynb"} < shipped
    wanted |= {f"stammkunde/_workspace/{name}" for name in shipped}
    with zipfile.ZipFile(wheel) as archive:
        held = {n for n in archive.namelist() if ".dist-info/" not in n}
    assert held == wanted


@pytest.mark.long
def test_the_command_of_the_wheel_makes_a_workspace(wheel, programs, tmp_path):
    where = "import stammkunde; print(stammkunde.__file__)"
    home = Path(told(programs / "python", "-c", where, cwd=tmp_path).strip())
    assert home.is_relative_to(programs.parent)
    command = programs / "stammkunde"
    version = told(command, "--version", cwd=tmp_path)
    assert version == f"stammkunde {stammkunde.__version__}\n"
    said = told(command, "init", "--examples", "new", cwd=tmp_path)
    assert said.endswith("Clients: autohaus, cdnow, musterstrom, telco\n")
    prefix = "stammkunde/_workspace/"
    with zipfile.ZipFile(wheel) as archive:
        for name in (n for n in archive.namelist() if n.startswith(prefix)):
            assert (tmp_path / "new" / name.removeprefix(prefix)).read_bytes() == archive.read(name)


def test_the_code_of_the_wheel_has_the_hash_of_the_code_of_the_clone(programs, tmp_path):
    code = "from stammkunde.report.driver import manifest; print(manifest.hash_of_code())"
    assert told(programs / "python", "-c", code, cwd=tmp_path).strip() == manifest.hash_of_code()
