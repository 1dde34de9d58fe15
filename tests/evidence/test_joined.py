"""A study's spells and the tables beside them are of one engine: offers are joined to spells."""

import stammkunde as sk
from stammkunde.evidence.dates import on_days
from stammkunde.evidence.units import holds
from tests.chapters.lives import study

DATA = (
    '[contracts]\nfile = "c.csv"\nperson = "who"\nstart = "begin"\nend = "last"\n'
    '[offers]\nfile = "o.csv"\nperson = "who"\noffer = "what"\nstart = "from"\narm = "arm"\n'
)


def test_offers_are_joined_to_the_spells_they_hold_in(tmp_path):
    asked = study(tmp_path, data=DATA)
    folder = tmp_path / "data/raw/muster"
    (folder / "c.csv").write_text("who,begin,last\na,2020-01-15,2020-12-31\nb,2021-05-01,\n")
    (folder / "o.csv").write_text(
        "who,what,from,arm\na,call,2020-03-15,given\nb,call,2021-05-01,held\nb,wine,2022-01-01,\n"
    )
    spells, beside = sk.read_tables(asked)
    assert beside.offers is not None
    offers = beside.offers.relation
    calls = offers.filter(offers.offer == "call")
    since = holds(spells, calls).order_by("since").execute().since
    assert list(since) == [0, 2]
    dated = on_days(spells, calls).relation.execute().sort_values("covariate arm")
    assert list(dated["covariate arm"]) == ["given", "held"]
    assert list(dated["covariate tenure"]) == [2, 0]
    assert list(dated.exit) == [10, 44]
