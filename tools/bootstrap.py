"""Make `.venv` from the hash-pinned locks, with nothing but Python 3.11 and a package registry.

    python tools/bootstrap.py              what reports and tests need (requirements.lock)
    python tools/bootstrap.py --dev        also linters, browser tests and docs
    python tools/bootstrap.py --active     use the environment of this Python; only look at it
    python tools/bootstrap.py --wheelhouse fill wheelhouse/, for a machine without a network
    python tools/bootstrap.py --lock       write both locks anew from pyproject.toml

Where `wheelhouse/` exists, nothing else is asked for requirements.lock; it does not hold what --dev
needs. A stamp written last says that all is done; while it fits, this takes some hundredths of a
second. Only the standard library is used.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / ".stamp"
WHEELHOUSE = ROOT / "wheelhouse"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
BUILDERS = ("setuptools", "uv")  # setuptools builds the one dependency that has no wheel
OLDEST = (3, 11)
Command = list[str | Path]
# what pip, uv and the system say of a connection that did not come about
UNREACHABLE = re.compile(
    r"(?i)(connection (?:refused|reset|aborted|broken)|timed out|network is unreachable|no route "
    r"to host|dns error|name resolution|name or service not known|getaddrinfo failed|certificate "
    r"verify failed|client error \(connect\)|tunnel connection failed)"
    r"|requirement setuptools\S* \(from versions: none"  # every registry has some
)
LACKING = re.compile(r"(?:ution found for|no version of) (\S+)|(\S+) (?:was not found in|has no w)")
LOCKING = (
    "pip compile --universal --generate-hashes --python-version 3.11 --fork-strategy fewest"
    " --no-emit-index-url --no-emit-find-links --quiet --upgrade"
)


class SetupError(Exception):
    """Says in one sentence what is wrong with this machine, and the remedy."""


def main(arguments: list[str]) -> int:
    """Do what the arguments ask; return the exit code."""
    os.chdir(ROOT)
    try:
        need_python()
        if "--active" in arguments:
            need_project(arguments)
        elif "--lock" in arguments:
            set_up("dev")
            write_locks()
        elif "--wheelhouse" in arguments:
            set_up("runtime", housed=False)
            fill_wheelhouse()
        else:
            set_up("dev" if "--dev" in arguments else "runtime")
    except SetupError as problem:
        print(f"stammkunde: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stammkunde: set-up interrupted; `make setup` begins again.", file=sys.stderr)
        return 130
    return 0


def need_python() -> None:
    """Raise SetupError where this Python is too old."""
    if sys.version_info < OLDEST:
        has, wants = (".".join(map(str, v[:2])) for v in (sys.version_info, OLDEST))
        raise SetupError(
            f"Python {has} is too old, {wants} or newer is needed. "
            f"Install it and say which: make SYSTEM_PYTHON=python{wants}"
        )


def need_project(arguments: list[str]) -> None:
    """Raise SetupError where the active environment lacks the project, or must not do the work."""
    from importlib.util import find_spec

    if {"--lock", "--wheelhouse"} & set(arguments):
        raise SetupError("this needs the project's own .venv. Call make without PYTHON=…")
    if not find_spec("stammkunde"):
        raise SetupError(
            f"the environment of {sys.executable} has no stammkunde. "
            "Make one with `conda env create -f environment.yml`, or: python -m pip install -e ."
        )


def set_up(kind: str, housed: bool = True) -> None:
    """Make `.venv` fit the lock of `kind` and the project; do nothing where it does already.

    With `housed`, requirements.lock is taken from `wheelhouse/` alone, where that exists.
    """
    wanted, found = fingerprints(), stamped()
    if found.get(kind) == wanted[kind] or found.get("dev") == wanted["dev"]:
        return
    kind = "dev" if "dev" in found else kind
    fresh = found.get("place") != wanted["place"]
    try:
        if fresh:
            make_venv()
        write_stamp({"place": wanted["place"]})
        install(LOCKS[kind], housed and kind == "runtime" and WHEELHOUSE.is_dir())
        write_stamp({k: h for k, h in wanted.items() if kind == "dev" or k != "dev"})
    except BaseException:
        if fresh:
            shutil.rmtree(VENV, ignore_errors=True)
        raise


def fingerprints() -> dict[str, str]:
    """Return what the stamp must say: where `.venv` is, and a hash of what each kind is made of."""
    from hashlib import sha256

    place = sha256(f"{ROOT}|{sys.version_info[:2]}".encode()).hexdigest()
    common = [ROOT / "pyproject.toml", LOCKS["runtime"], Path(__file__)]
    hashes = {"place": place}
    for kind, files in {"runtime": common, "dev": [*common, LOCKS["dev"]]}.items():
        text = b"".join(file.read_bytes() for file in files)
        hashes[kind] = sha256(place.encode() + text).hexdigest()
    return hashes


def stamped() -> dict[str, str]:
    """Return what the stamp says; empty where there is none or the environment is broken."""
    if not STAMP.exists() or not PYTHON.exists():
        return {}
    lines = STAMP.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def write_stamp(hashes: dict[str, str]) -> None:
    """Write what is known to be done."""
    STAMP.write_text("".join(f"{k} {h}\n" for k, h in hashes.items()), encoding="utf-8")


def make_venv() -> None:
    """Make an empty `.venv` with pip."""
    import importlib.util

    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        version = ".".join(map(str, sys.version_info[:2]))
        raise SetupError(
            "this Python cannot make environments, the modules venv and ensurepip are missing. "
            f"On Debian and Ubuntu: apt install python{version}-venv"
        )
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    # the Python that this one was made from, should this one be in the .venv just removed
    run([getattr(sys, "_base_executable", "") or sys.executable, "-m", "venv", VENV])


def install(lock: Path, housed: bool) -> None:
    """Install the lock and the project, compiled to bytecode."""
    say(f"installing {lock.name}" + (" from wheelhouse/" if housed else ""))
    offline = ["--no-index", "--find-links", str(WHEELHOUSE)] if housed else []
    pins = VENV / "builders.txt"
    pins.write_text(builders(lock), encoding="utf-8")
    pip: Command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--retries=2", "--timeout=30", "--require-hashes", "--no-deps"]
    run([*pip, *offline, "-r", pins])
    pins.unlink()
    uv: Command = [PYTHON, "-m", "uv", "--quiet", "pip"]
    where: Command = ["--python", PYTHON, "--no-build-isolation", *offline]
    env = uv_environment()
    run([*uv, "sync", *where, "--require-hashes", "--compile-bytecode", lock], env)
    run([*uv, "install", *where, "--no-deps", "--editable", "."], env)
    run([PYTHON, "-m", "compileall", "-q", "src"], env)


def builders(lock: Path) -> str:
    """Return the lines of the lock that pin what must be there first."""
    blocks = re.split(r"\n(?=[^\s#])", lock.read_text(encoding="utf-8"))
    wanted = [b for b in blocks if b.startswith(tuple(f"{name}==" for name in BUILDERS))]
    return "\n".join(wanted) + "\n"


def uv_environment() -> dict[str, str]:
    """Return the environment for uv: pip's index, proxy and certificates, the system's trust."""
    env = {"UV_NO_PROGRESS": "1", "UV_HTTP_RETRIES": "2", **os.environ}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    if has_certificates():
        env.setdefault("UV_SYSTEM_CERTS", "1")
    names = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "HTTPS_PROXY"}
    names["trusted-host"] = "UV_INSECURE_HOST"
    for line in run([PYTHON, "-m", "pip", "config", "list"]).splitlines():
        key, _, value = line.partition("=")
        name = names.get(key.rpartition(".")[2], "")
        if name and not (name == "UV_DEFAULT_INDEX" and "UV_INDEX_URL" in env):
            env.setdefault(name, value.strip().strip("'\""))
    return env


def has_certificates() -> bool:
    """Return whether the system has certificates of its own (a small container may not)."""
    import ssl

    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())))


def fill_wheelhouse() -> None:
    """Download what the runtime lock and the example data need into `wheelhouse/`."""
    say("filling wheelhouse/")
    new = ROOT / "wheelhouse.tmp"
    shutil.rmtree(new, ignore_errors=True)
    pip: Command = [PYTHON, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    pip += ["--disable-pip-version-check", "--no-build-isolation", "--dest", new]
    run([*pip, "-r", LOCKS["runtime"]])
    for pins in data_pins(new):
        run([*pip, "-r", pins])
        pins.unlink()
    shutil.rmtree(WHEELHOUSE, ignore_errors=True)
    new.replace(WHEELHOUSE)
    count = len(list(WHEELHOUSE.iterdir()))
    say(f"{count} files in wheelhouse/; copy the folder into a clone on the other machine")


def data_pins(folder: Path) -> list[Path]:
    """Write, for each client whose data come in a wheel, its hash-pinned requirement."""
    import tomllib

    written = []
    for source in sorted(ROOT.glob("data/raw/*/SOURCE.toml")):
        wheel = tomllib.loads(source.read_text(encoding="utf-8")).get("wheel")
        if wheel:
            pins = folder / f"{source.parent.name}.pin"
            text = f"{wheel['requirement']} --hash=sha256:{wheel['sha256']}\n"
            pins.write_text(text, encoding="utf-8")
            written.append(pins)
    return written


def write_locks() -> None:
    """Resolve pyproject.toml anew into both locks; they name no host."""
    env = uv_environment() | {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    uv: Command = [PYTHON, "-m", "uv", *LOCKING.split()]
    runtime, dev = (lock.name for lock in LOCKS.values())
    run([*uv, "--extra=test", "--extra=setup", "-o", runtime, "pyproject.toml"], env)
    run([*uv, "--all-extras", "-c", runtime, "-o", dev, "pyproject.toml"], env)


def run(command: Command, env: dict[str, str] | None = None) -> str:
    """Run a command and return what it printed; a SetupError says why it failed."""
    done = subprocess.run(
        list(map(str, command)),
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout
    told = (done.stderr + done.stdout).strip()
    problem = refusal(told, housed="--no-index" in command)
    if problem is None:
        print(told, file=sys.stderr)
        shown = " ".join(Path(c).name if Path(c).is_absolute() else str(c) for c in command[:5])
        problem = f"`{shown} …` failed, its words are above. Then: make setup"
    raise SetupError(problem)


def refusal(told: str, housed: bool) -> str | None:
    """Return in one sentence why a package could not be had, None where that is not the matter.

    `told` is what pip or uv said, `housed` whether only `wheelhouse/` was asked.
    """
    lacking = LACKING.search(told)
    what = next(filter(None, lacking.groups())).strip("`,.") if lacking else ""
    unreached = UNREACHABLE.findall(told)
    if unreached and not housed:
        why = [f" ({word})" for word in unreached if word][-1:]
        return (
            f"no package registry can be reached{''.join(why)}. Name yours (`pip config set "
            "global.index-url …`). Or run `make wheelhouse` in a clone on a connected machine like "
            f"this one and copy its wheelhouse/ to {ROOT} (no linters, browser tests, docs in it)"
        )
    asked, remedy = "the registry", "Name one that has it: pip config set global.index-url …"
    if housed:
        asked, remedy = "wheelhouse/", "Fill it anew with `make wheelhouse` on a connected machine"
        remedy += " like this one; where a registry can be reached, remove the folder"
    return f"{asked} has no {what} for this system and Python. {remedy}" if lacking else None


def say(text: str) -> None:
    """Print one step."""
    print(f"stammkunde: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
