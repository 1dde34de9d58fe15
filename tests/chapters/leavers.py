"""Made clients with reasons for leaving, one for each branch of the section on them."""

from datetime import date

import numpy as np

import stammkunde as sk
from stammkunde import chapters as tell
from stammkunde.workspace import Workspace

TOML = """
schema = 1

[client]
name = {{ de = "Muster", en = "Muster" }}
as_of = 2024-12-31

[window]
{opens}
close = 2025-01-01

[contracts]
file = "contracts.csv"
person = "customer"
start = "begin"
end = "last day"
{reason}

{causes}

[groups.tariff]
column = "tariff"
title = {{ de = "Tarif", en = "tariff" }}

[report]
horizons = [12, 24]
mean_horizon = {mean}
"""
CAUSES = {
    "price": ("Preis", "price", True),
    "service": ("Service", "service", True),
    "moved": ("Umzug", "moving house", False),
    "died": ("Todesfall", "death", False),
}
CASES = ("price", "service", "moved", "died", "", "odd")
WEIGHTS = (0.5, 0.1, 0.3, 0.05, 0.04, 0.01)


def declared(names, controllable=None):
    """Return the TOML of causes; `controllable` overrides that of all."""
    lines = []
    for name in names:
        de, en, can = CAUSES[name]
        can = can if controllable is None else controllable
        lines += [f"[causes.{name}]", f'reasons = ["{name}"]']
        lines += [f'title = {{ de = "{de}", en = "{en}" }}', f"controllable = {str(can).lower()}"]
    return "\n".join(lines)


def alike(names):
    """Return the TOML of causes that are called as their reasons are."""
    return "\n".join(
        f'[causes.{n}]\nreasons = ["{n}"]\ntitle = {{ de = "{n}", en = "{n}" }}' for n in names
    )


def contracts(
    count, *, weights=WEIGHTS, cases=CASES, per_person=1, hazard=0.04, levels=2, begins=1700, seed=1
):
    """Return rows of contracts with a constant hazard, leavers with reasons by `weights`."""
    random = np.random.default_rng(seed)
    begun = date(2020, 1, 1).toordinal() + random.integers(0, begins, size=count)
    last = begun + (30 * random.geometric(hazard, size=count) if hazard else 10**6)
    why = random.choice(cases, p=weights if cases is CASES else None, size=count)
    rows = []
    for i in range(count):
        gone = last[i] < date(2025, 1, 1).toordinal()
        ended = f"{date.fromordinal(int(last[i]))},{why[i]}" if gone else ","
        rows.append(f"K{i // per_person},{date.fromordinal(int(begun[i]))},{ended},T{i % levels}")
    return "customer,begin,last day,why,tariff\n" + "\n".join(rows) + "\n"


def told(folder, text, *, causes=None, reason=True, opens="2020-01-01", mean=24, grouped=True):
    """Return the study, its table, tenure given, groups' tables, and the sections."""
    for name in ("clients", "notebooks", "data/raw/muster"):
        (folder / name).mkdir(parents=True)
    causes = declared(CAUSES) if causes is None else causes
    toml = TOML.format(
        opens=f"open = {opens}" if opens else "",
        causes=causes,
        reason='reason = "why"' if reason else "",
        mean=mean,
    )
    (folder / "clients/muster.toml").write_text(toml, encoding="utf-8")
    (folder / "data/raw/muster/contracts.csv").write_text(text, encoding="utf-8")
    study = sk.read_study("muster", workspace=Workspace(folder))
    spells = sk.read_spells(study)
    table = sk.life_table(spells)
    given = tell.seen_from(study, table)
    groups = {"tariff": sk.life_tables(spells, by="tariff")} if grouped else {}
    return study, table, given, groups, tell.why(study, table, given, groups)


def numbers(sections):
    """Return every result by its id and groups."""
    lines = [r for s in sections for r in s.results]
    found = {(r.id, *r.group.values()): r for r in lines}
    assert len(found) == len(lines)
    return found


def keys(section):
    return {f.id: f.sentence.key for f in section.findings}


def same(one, other):
    assert (one.value, one.low, one.high) == (other.value, other.low, other.high)
    assert one.value is not None


def alone(*weights):
    """Return weights of all cases from those of the first few."""
    return (*weights, *(0.0,) * (len(CASES) - len(weights)))


ONE_DAY = "customer,begin,last day,why,tariff\n"
BRANCHES = {
    "many": {"text": contracts(2000)},
    "spells": {"text": contracts(2000, per_person=3)},
    "late": {"text": contracts(2000, begins=700), "opens": "2023-01-01"},
    "two alike": {"text": contracts(800, weights=alone(0.5, 0.0, 0.5))},
    "one cause": {"text": contracts(500, weights=alone(1.0))},
    "one and few": {"text": contracts(500, weights=alone(0.99, 0.0, 0.01))},
    "one and few unknown": {"text": contracts(500, weights=alone(0.99, 0.0, 0.0, 0.0, 0.01))},
    "few and unknown": {"text": contracts(500, weights=alone(0.5, 0.0, 0.01, 0.0, 0.49))},
    "none in reach": {"text": contracts(500, weights=alone(0.0, 0.0, 0.7, 0.3))},
    "all known": {"text": contracts(900, weights=alone(0.6, 0.0, 0.4))},
    "all alike": {"text": contracts(900), "causes": declared(CAUSES, True)},
    "mostly unknown": {"text": contracts(900, weights=(0.1, 0, 0.1, 0, 0.8, 0))},
    "all unknown": {"text": contracts(400, weights=(0, 0, 0, 0, 1.0, 0))},
    "few leavers": {"text": contracts(200, hazard=0.0001)},
    "nobody left": {"text": contracts(200, hazard=0)},
    "few per cause": {"text": contracts(60, hazard=0.01)},
    "one customer": {"text": ONE_DAY + "K,2020-01-01,2021-01-05,price,T0\n"},
    "at once": {"text": ONE_DAY
                + "".join(f"K{i},2024-01-01,2024-01-31,{c},T{i % 2}\n"
                          for i, c in enumerate(["price", "moved"] * 20)), "mean": 0},
    "all for one at once": {"text": ONE_DAY + "".join(
        f"K{i},2024-01-01,2024-01-31,price,T{i % 2}\n" for i in range(40)), "mean": 0},
    "500 groups": {"text": contracts(2000, levels=500)},
    "20 groups": {"text": contracts(3000, levels=20)},
    "5 groups": {"text": contracts(3000, levels=5)},
    "no overlap": {"text": ONE_DAY + "".join(
        f"A{i},2024-01-01,2024-01-31,price,T0\nB{i},2024-01-01,,,T1\n" for i in range(40))},
    "no causes": {"text": contracts(300), "causes": ""},
    "no reasons": {"text": contracts(300), "causes": "", "reason": False},
}  # fmt: skip
