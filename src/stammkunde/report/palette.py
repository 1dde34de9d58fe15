"""The house colours, once: pictures, pages and prints are all given these."""

from __future__ import annotations

INK, GREY, RULE = "#1c2530", "#56616d", "#d5dae0"
ACCENT, WARM = "#0b5d8a", "#b3470a"
PALE, PALE_WARM = "#f4f6f8", "#fdf5ef"
LINES = (ACCENT, WARM, "#1b7a58", "#84468a", "#7d6100", "#5a6470", "#9c2f5b", "#3a3f9e")
NAMED = {
    "ink": INK,
    "grey": GREY,
    "rule": RULE,
    "accent": ACCENT,
    "warm": WARM,
    "pale": PALE,
    "pale-warm": PALE_WARM,
}


def css() -> str:
    """Return the rule that declares each colour as a variable of a style sheet."""
    inner = " ".join(f"--{name}: {colour};" for name, colour in NAMED.items())
    return f":root {{ {inner} }}\n"


def typst() -> str:
    """Return the lines that bind each colour to its name in Typst."""
    return "".join(f'#let {name} = rgb("{colour}")\n' for name, colour in NAMED.items())
