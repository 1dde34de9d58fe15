"""SOURCE.toml of a new client: what is known of its data from the files alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stammkunde.intake.toml import key_of, quoted
from stammkunde.spells.source import digest

HEAD = """\
# Where the data come from. Readers of the report see these texts: say more than the file's name.
schema = 1
"""


def source_note(client: str, files: Sequence[Path]) -> str:
    """Return the text of a SOURCE.toml that names the files with their hashes."""
    shown = client.replace("-", " ").replace("_", " ").title()
    names = ", ".join(path.name for path in files)
    german = f"Geliefert als {names}." if names else "Aus der Datenbank der Firma."
    english = f"Delivered as {names}." if names else "From the firm's database."
    lines = [
        HEAD.rstrip(),
        f"title = {_both(f'Daten von {shown}', f'Data of {shown}')}",
        f"description = {_both(german, english)}",
        'nature = "real"   # or "fictional", "simulated"; these are labelled on every page',
        f"origin = {_both(german, english)}   # who took them, from which system, on which day",
        f"licence = {_both('nur für den internen Gebrauch', 'for internal use only')}",
    ]
    plain = [path for path in files if not path.is_dir()]
    if len(files) == 1 and plain:
        lines += [f"file = {quoted(files[0].name)}", f'sha256 = "{digest(files[0])}"']
    elif files:
        lines += ["", "[files]"]
        named = {f"{p.name}/" if p.is_dir() else p.name: digest(p) for p in files}
        lines += [f'{key_of(name)} = "{value}"' for name, value in named.items()]
    return "\n".join(lines) + "\n"


def _both(german: str, english: str) -> str:
    return f"{{ de = {quoted(german)}, en = {quoted(english)} }}"
