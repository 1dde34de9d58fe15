"""A made shop without contracts, and a voucher that a lot dealt among its customers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

OPEN, CLOSE = date(2021, 1, 1), date(2025, 1, 1)
TOML = """
schema = 1

[client]
name = { de = "Laden", en = "Shop" }
as_of = 2024-12-31

[window]
open = 2021-01-01
close = 2025-01-01

[transactions]
file = "t.csv"
person = "who"
date = "day"
amount = "paid"
first_purchases = true

[lapse]
gap_days = 92

[groups.first_order]
column = "paid"
title = { de = "erster Einkauf", en = "first purchase" }
cuts = [20]

[groups.town]
column = "town"
title = { de = "Stadt", en = "town" }

[offers]
file = "o.csv"
person = "who"
offer = "what"
start = "from"
end = "until"
arm = "arm"

[[question]]
name = "voucher"
title = { de = "Gutschein", en = "voucher" }
offer = "voucher"
on_its_day = true
assignment = "drawn"
by = ["town"]
horizon = 12
euro = 3
claims = ["A44"]
[question.treated]
title = { de = "mit Gutschein", en = "with voucher" }
words = ["sent"]
[question.control]
title = { de = "ohne Gutschein", en = "without voucher" }
words = ["held out"]

[[question]]
name = "welcome"
title = { de = "Begrüßung", en = "welcome" }
offer = "welcome"
assignment = "chosen"
alike = ["first_order"]
horizon = 12
[question.treated]
title = { de = "mit Begrüßung", en = "with welcome" }
words = ["yes"]
[question.control]
title = { de = "ohne Begrüßung", en = "without welcome" }
words = ["no"]
"""


def files(persons: int = 500, seed: int = 5) -> dict[str, str]:
    """Return the purchases, about monthly till a customer ceases, and what they were offered.

    The voucher, sent by lot 200 days after the first purchase, halves the chance of ceasing.
    """
    rng = np.random.default_rng(seed)
    bought, offers = ["who,day,paid,town"], ["who,what,from,until,arm"]
    for i in range(persons):
        begin = OPEN + timedelta(days=int(rng.integers(0, 900)))
        sent, town = rng.random() < 0.5, str(rng.choice(["Bonn", "Köln"]))
        paid = float(rng.gamma(4.0) * 5)
        likely = 0.6 if paid >= 20 else 0.4
        offers.append(f"p{i},welcome,{begin},,{'yes' if rng.random() < likely else 'no'}")
        on = begin + timedelta(days=200)
        offers.append(f"p{i},voucher,{on},{on},{'sent' if sent else 'held out'}")
        day = begin
        while day < CLOSE:
            bought.append(f"p{i},{day},{paid:.2f},{town}")
            if rng.random() < (0.05 if sent and day > on else 0.1):
                break
            day += timedelta(days=int(rng.integers(10, 50)))
            paid = float(rng.gamma(4.0) * 5)
    return {"t.csv": "\n".join([*bought, ""]), "o.csv": "\n".join([*offers, ""])}


def shop_at(folder: Path) -> None:
    """Write the client "shop" into a workspace."""
    raw = folder / "data/raw/shop"
    for place in (folder / "clients", raw):
        place.mkdir(parents=True, exist_ok=True)
    (folder / "clients/shop.toml").write_text(TOML, encoding="utf-8")
    for name, text in files().items():
        (raw / name).write_text(text, encoding="utf-8")
