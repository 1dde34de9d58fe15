"""A TOML that says everything there is to say of policies, and how to read one."""

from __future__ import annotations

import tomllib

from stammkunde.client import StudyToml
from stammkunde.policy.declared import check_policies
from stammkunde.spells.schema.loading import build

WHERE = "stadtwerk.toml"

CLIENT = """
[client]
name = { de = "Stadtwerk", en = "Town supplier" }
as_of = 2025-12-31

[window]
open = 2020-01-01
close = 2026-01-01

[contracts]
file = "vertraege.csv"
person = "Kundennummer"
start = "Beginn"
end = "Ende"
reason = "Grund"
margin = "Deckungsbeitrag"

[causes.price]
reasons = ["Preis"]
title = { de = "Preis", en = "price" }

[causes.moved]
reasons = ["Umzug"]
title = { de = "Umzug", en = "moving house" }
controllable = false

[groups.usage]
column = "Verbrauch"
title = { de = "Verbrauch", en = "consumption" }

[groups.usage.levels]
"low" = { de = "niedrig", en = "low" }
"high" = { de = "hoch", en = "high" }

[covariates.kwh]
column = "kWh"
title = { de = "kWh", en = "kWh" }
kind = "number"

[covariates.region]
column = "Region"
title = { de = "Region", en = "region" }

[events]
file = "ereignisse.csv"
person = "Kundennummer"
date = "Datum"
kind = "Art"
cost = "Kosten"

[offers]
file = "angebote.csv"
person = "Kundennummer"
offer = "Angebot"
start = "von"

[[question]]
name = "loyalty"
title = { de = "Treuerabatt", en = "loyalty rebate" }
offer = "Treuerabatt"
from_unit = 13
alike = ["usage"]
horizon = 36

[question.treated]
title = { de = "mit", en = "with" }

[question.control]
title = { de = "ohne", en = "without" }
"""

POLICIES = """
[setting]
comparator = "today"
horizon = 60
segments = "usage"
price = 12
acquisition = "kwh"
service = ["contact"]
handling = "handling"
signups = 300
arrears = true
inflation = 0.02
draws = 500

[[policy]]
name = "today"
title = { de = "wie heute", en = "as today" }

[[policy.newcomer_rebate]]
months = 12
amount = 10
take_up = "loyalty.taken"

[policy.newcomer_rebate.behaviour]
always_buyers = "always_buyers"

[[policy]]
name = "everything"
title = { de = "alles", en = "everything" }
dial = "glide_path.steps[1].amount"
spends_as = "today"
dial_to = [0, 4]

[[policy.glide_path]]
steps = [
  { from_unit = 1, to_unit = 6, amount = 5 },
  { from_unit = 7, to_unit = 12, amount = 2 },
]

[[policy.loyalty_rebate]]
from_unit = 13
amount = 1
every = 12
cap = 3
applies = "base"

[policy.loyalty_rebate.behaviour]
effect = "loyalty"

[[policy.rebate_for_all]]
share = 0.05

[policy.rebate_for_all.behaviour]
lift = 0.1
reactions = [
  { causes = ["price"], ratio = "loyalty_ratio", when = "during", from_unit = 2, to_unit = 9 },
  { adds = 0.01, when = "after" },
]

[[policy.win_back]]
causes = ["price"]
won_back = 0.1
cost = 5
capacity = 40

[[policy.cool_off]]
months = 6

[[policy.minimum_term]]
months = 3
causes = ["price", "unknown"]

[[policy.care]]
name = "call"
cost = 6
reach = 0.5

[[policy.recovery]]
answered = 0.8
cost = 2

[[policy.programme]]
name = "machine"
once = 4000
monthly = 250

[[policy.segments.high.loyalty_rebate]]
steps = [
  { from_unit = 13, to_unit = 24, amount = 1 },
  { from_unit = 25, amount = 3 },
]

[[policy]]
name = "no_glide"
title = { de = "ohne", en = "without" }
like = "everything"
without = ["glide_path", "recovery"]

[elements.call]
title = { de = "Anruf", en = "phone call" }

[[assumption]]
name = "always_buyers"
title = { de = "ohnehin Käufer", en = "always-buyers" }
value = 0.8
low = 0.7
high = 0.9
law = "triangular"
unit = "share"
says = { de = "angenommen von uns", en = "assumed by us" }
when = 2026-11-22
why = { de = "Schätzung", en = "a guess" }

[[assumption]]
name = "loyalty_ratio"
title = { de = "Abgang", en = "leaving" }
value = 0.8
low = 0.7
high = 0.9142857142857143
law = "lognormal"
unit = "ratio"
says = { de = "angenommen von uns", en = "assumed by us" }
when = 2026-11-22
why = { de = "Schätzung", en = "a guess" }
source = "literature"

[[assumption]]
name = "handling"
title = { de = "Bearbeitung", en = "handling" }
value = 4
unit = "EUR"
says = { de = "wir", en = "us" }
when = 2026-11-22
why = { de = "Schätzung", en = "a guess" }

[[assumption]]
name = "switching_cost"
title = { de = "Mühe", en = "nuisance" }
value = 60
unit = "EUR"
says = { de = "wir", en = "us" }
when = 2026-11-22
why = { de = "Schätzung", en = "a guess" }

[[correlation]]
first = "always_buyers"
second = "loyalty_ratio"
rho = -0.5

[rival]
switching_cost = "switching_cost"
firms = 3

[pilot]
policy = "everything"
element = "call"
per_customer = 2.5
fixed = 5000
difference = 0.5
begins = 2026-03-01
"""


def toml_of(text: str) -> StudyToml:
    """Return a TOML as it is read, checks of policies included."""
    toml = build(StudyToml, tomllib.loads(text), WHERE)
    check_policies(toml, toml.client.languages, WHERE)
    return toml


def edited(before: str, after: str) -> str:
    """Return the whole TOML with one passage of it, which is there once, replaced."""
    text = CLIENT + POLICIES
    assert text.count(before) == 1, f"{before!r} is there {text.count(before)} times"
    return text.replace(before, after)
