"""What columns are called in German and English exports, and words that mean yes, no, moved."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stammkunde.workspace import spelt

# Whole names first: a name that is in the list is surer than one that only contains a word of it.
NAMES: Mapping[str, tuple[str, ...]] = {
    "start": (
        *("vertragsbeginn", "beginn", "start", "startdatum", "vertragsstart", "lieferbeginn"),
        *("belieferungsbeginn", "lieferstart", "anmeldedatum", "anmeldung", "eintritt"),
        *("eintrittsdatum", "kunde seit", "mitglied seit", "gueltig ab", "gueltig von", "ab"),
        *("von", "seit", "abschlussdatum", "einzug", "beitritt", "beitrittsdatum"),
        *("unterschrift", "signed", "signed on"),
        *("start date", "begin", "begin date", "contract start", "contract begin", "signup"),
        *("signup date", "sign up date", "joined", "join date", "customer since", "valid from"),
        *("member since", "from", "from date", "date from", "subscription start", "activated"),
        *("activation date", "since", "first day", "effective from", "start dt", "created at"),
    ),
    "end": (
        *("vertragsende", "ende", "enddatum", "lieferende", "belieferungsende", "abmeldedatum"),
        *("abmeldung", "austritt", "austrittsdatum", "letzter tag", "gueltig bis", "bis"),
        *("auszug", "abgang", "abgangsdatum", "vertragsende am", "gekuendigt zum"),
        *("kuendigung zum", "kuendigungstermin", "end", "end date", "contract end", "churn date"),
        *("last day", "valid to", "valid until", "to", "to date", "date to", "until", "left on"),
        *("subscription end", "deactivated", "termination date", "effective to", "end dt"),
        *("closed at", "leaving date", "exit date", "stop date"),
    ),
    "notice": (
        *("kuendigungseingang", "eingang kuendigung", "gekuendigt am", "kuendigungsdatum"),
        *("kuendigung am", "kuendigung vom", "datum der kuendigung", "notice", "notice date"),
        *("notice given", "cancelled on", "canceled on", "cancellation date", "cancelled at"),
        *("canceled at", "date of notice", "cancel date"),
    ),
    "paid": ("bezahlt bis", "paid until", "paid to", "bezahlt bis zum", "paid through"),
    "person": (
        *("kundennummer", "kunden nummer", "kunden nr", "kundennr", "kd nr", "kdnr", "kunde"),
        *("kunden id", "kundenid", "mitgliedsnummer", "mitgliedsnr", "mitglied", "debitor"),
        *("debitorennummer", "geschaeftspartner", "gp nr", "gpnr", "personennummer", "person"),
        *("personenkennung", "kundenkennung", "customer", "customer id", "customerid"),
        *("customer no", "customer nr", "customer number", "cust id", "custid", "client id"),
        *("client", "client no", "account id", "user id", "userid", "member id", "person id"),
        *("member no", "subscriber id", "customer key", "kundenschluessel", "halter"),
    ),
    "household": (
        *("haushalt", "haushaltsnummer", "haushalt nr", "haushalt id", "household"),
        *("household id", "person id", "personennummer", "person", "personen id", "family id"),
    ),
    "contract": (
        *("vertragsnummer", "vertragsnr", "vertrags nr", "vertrag nr", "vertrag", "vertrags id"),
        *("vertragskonto", "policennummer", "abonummer", "abo nr", "contract id", "contract no"),
        *("contract number", "subscription id", "policy no", "policy number", "agreement id"),
        *("contract nr", "abo id", "vnr"),
    ),
    "reason": (
        *("kuendigungsgrund", "grund", "abgangsgrund", "austrittsgrund", "grund der kuendigung"),
        *("wechselgrund", "churn reason", "reason", "cancellation reason", "leaving reason"),
        *("reason for leaving", "cause", "exit reason", "cancel reason", "termination reason"),
        "end reason",
    ),
    "tenure": (
        *("tenure", "tenure months", "tenure in months", "kundendauer", "monate als kunde"),
        *("vertragsdauer", "vertragsdauer monate", "laufzeit", "laufzeit monate", "monate"),
        *("mitgliedsdauer", "months", "months as customer", "account length", "account age"),
        *("dauer", "customer age months", "jahre als kunde", "years", "jahre", "tenure days"),
    ),
    "left": (
        *("churn", "churned", "churn flag", "left", "has left", "gekuendigt", "abgewandert"),
        *("abgang", "kuendigung", "ist gekuendigt", "gegangen", "exited", "attrition", "status"),
        *("attrition flag", "churn label", "churn value", "kundenstatus", "customer status"),
        *("aktiv", "active", "is active", "ist aktiv", "vertragsstatus", "cancelled", "canceled"),
    ),
    "date": (
        *("datum", "tag", "kaufdatum", "bestelldatum", "rechnungsdatum", "belegdatum", "am"),
        *("buchungsdatum", "auftragsdatum", "besuchsdatum", "date", "day", "order date"),
        *("purchase date", "invoice date", "transaction date", "visit date", "event date"),
        *("timestamp", "zeitpunkt", "created at", "ereignisdatum", "kontaktdatum"),
    ),
    "kind": (
        *("ereignis", "ereignisart", "vorgang", "vorgangsart", "kontaktart", "art", "typ"),
        *("event", "event type", "kind", "type", "contact type", "eventtype", "anliegen"),
    ),
    "value": ("wert", "value", "ergebnis", "antwort", "result", "answer", "score"),
    "cost": ("kosten", "cost", "costs", "aufwand", "kosten eur", "cost eur"),
    "team": ("team", "abteilung", "department", "gruppe", "agent", "mitarbeiter"),
    "offer": (
        *("angebot", "aktion", "kampagne", "rabatt", "rabattart", "offer", "offer name"),
        *("campaign", "promotion", "promo", "discount type", "angebotsart", "praemie"),
    ),
    "arm": (
        *("arm", "antwort", "angenommen", "reaktion", "status", "response", "taken", "outcome"),
        *("accepted", "gruppe", "group", "testgruppe", "ergebnis"),
    ),
    "price": (
        *("preis", "betrag", "monatspreis", "grundpreis", "abschlag", "price", "monthly price"),
        *("amount", "preis eur", "monatsbetrag", "rate", "fee", "monthly fee", "rabatt eur"),
    ),
    "plan": ("tarif", "produkt", "plan", "tariff", "product", "tarifname", "package", "paket"),
    "amount": (
        *("betrag", "umsatz", "summe", "amount", "revenue", "total", "wert", "value", "sales"),
        *("rechnungsbetrag", "gesamtbetrag", "bestellwert", "order value", "dollar value"),
        *("nettobetrag", "bruttobetrag", "nettoumsatz", "kaufbetrag", "warenwert", "spend"),
    ),
    "margin": (
        *("deckungsbeitrag", "deckungsbeitrag je monat", "deckungsbeitrag pro monat", "db", "db1"),
        *("monatlicher deckungsbeitrag", "deckungsbeitrag monat", "marge", "marge je monat"),
        *("marge pro monat", "db ii", "db i", "rohertrag", "margin", "monthly margin"),
        *("margin per month", "contribution margin", "contribution", "gross margin"),
    ),
    "place": (
        *("filiale", "filialnummer", "filial nr", "standort", "markt", "marktnummer", "laden"),
        *("geschaeft", "verkaufsstelle", "betrieb", "niederlassung", "haus", "werkstatt"),
        *("store", "store id", "shop", "branch", "location", "outlet", "site", "place"),
    ),
}
# Columns that name or find a person: never proposed to tell customers apart by.
PRIVATE = (
    *("name", "vorname", "nachname", "firstname", "lastname", "surname", "mail", "email"),
    *("telefon", "phone", "mobil", "iban", "bic", "konto", "strasse", "street", "adresse"),
    *("address", "hausnummer", "geburtsdatum", "birth", "birthdate", "geburtstag", "kontonummer"),
    *("plz", "postleitzahl", "zip", "postcode", "ansprechpartner", "bemerkung", "notiz"),
    *("kommentar", "comment", "remark", "note"),
)
# Columns that name who serves a customer: a group of theirs is a judgement on a person.
SERVING = (
    *("betreuer", "betreuerin", "kundenbetreuer", "berater", "beraterin", "kundenberater"),
    *("sachbearbeiter", "sachbearbeiterin", "vertreter", "verkaeufer", "mitarbeiter", "bearbeiter"),
    *("vermittler", "aussendienst", "account manager", "manager", "agent", "adviser", "advisor"),
    *("owner", "sales rep", "rep", "representative", "salesperson", "seller", "employee", "csm"),
    *("contact person", "handled by", "user", "trainer", "coach", "makler name"),
)
TITLED = ("herr", "frau", "fr", "hr", "mr", "mrs", "ms", "dr", "prof")
GIVEN = (
    *("adam", "alexander", "alice", "amy", "andrea", "andreas", "angela", "anja", "anna", "anne"),
    *("anton", "barbara", "ben", "bernd", "birgit", "bob", "brian", "carl", "carol", "charles"),
    *("christian", "christine", "claudia", "daniel", "david", "dieter", "elena", "elisabeth"),
    *("emily", "emma", "eva", "felix", "florian", "frank", "franz", "george", "gisela", "guenter"),
    *("hans", "heike", "heinz", "helga", "ingrid", "jack", "james", "jan", "jane", "jennifer"),
    *("jens", "jessica", "joerg", "john", "jonas", "josef", "julia", "juergen", "kaethe", "karin"),
    *("karl", "kate", "katharina", "kevin", "klaus", "laura", "lena", "linda", "lisa", "lukas"),
    *("manfred", "maria", "marie", "mark", "markus", "martin", "mary", "matthias", "max", "mehmet"),
    *("michael", "monika", "nicole", "nina", "oliver", "paul", "peter", "petra", "philipp", "ralf"),
    *("renate", "richard", "robert", "sabine", "sandra", "sarah", "sebastian", "silke", "simon"),
    *("sophie", "stefan", "stephan", "steven", "susan", "susanne", "sven", "thomas", "tim", "tom"),
    *("ulrich", "ursula", "ute", "uwe", "werner", "william", "wolfgang"),
)
# The day of signing; the time as a customer begins with the contract, where that is known.
SIGNING = ("abschluss", "unterschrift", "unterzeichn", "signed", "signature", "signing")
# The day on which the table itself was made.
EXPORTED = (
    *("exportdatum", "export", "stichtag", "datenstand", "stand", "auszugsdatum", "abzugsdatum"),
    *("extract", "extracted", "snapshot date", "as of", "reporting date", "export date"),
)
# What files are called, by the table they hold; plurals and compounds begin alike.
FILES: Mapping[str, tuple[str, ...]] = {
    "contracts": ("vertrag", "vertraeg", "contract", "subscription", "abos", "mitglied"),
    "snapshot": ("snapshot", "momentaufnahme", "bestand"),
    "transactions": (
        *("einkauf", "einkaeuf", "kaeufe", "bestell", "transaction", "purchase", "order"),
        *("besuch", "visit", "rechnung", "invoice", "umsatz", "umsaetz", "sales"),
    ),
    "events": ("ereignis", "event", "kontakt", "contact", "vorgaeng", "beschwerde", "complaint"),
    "offers": ("angebot", "offer", "aktion", "kampagne", "campaign", "rabatt"),
    "prices": ("preis", "price", "tarif"),
    "persons": ("person", "haushalt", "household"),
}
YES = (
    *("yes", "y", "ja", "j", "true", "wahr", "1", "churn", "churned", "left", "gekuendigt"),
    *("exited", "cancelled", "canceled", "beendet", "abgewandert", "inaktiv", "inactive"),
    *("gegangen", "ausgetreten", "attrited", "attrited customer", "closed", "terminated", "weg"),
)
NO = (
    *("no", "n", "nein", "false", "falsch", "0", "aktiv", "active", "stayed", "current"),
    *("bestand", "laufend", "ungekuendigt", "existing", "existing customer", "open", "nicht"),
    *("joined", "kunde", "customer", "bleibt", "not churned"),
)
# In a column that says who is still there, yes means stayed.
STILL_THERE = ("aktiv", "active", "bestand", "current")
# Nobody could have kept these customers.
UNAVOIDABLE = (
    *("umzug", "umgezogen", "verzogen", "auszug", "tod", "todesfall", "verstorben", "gestorben"),
    *("moved", "move", "moving", "relocation", "death", "died", "deceased", "dead", "insolvenz"),
    *("insolvency", "bankruptcy", "betriebsaufgabe", "geschaeftsaufgabe", "abriss"),
)
UNITS = {
    "day": ("tag", "tage", "tagen", "day", "days"),
    "week": ("woche", "wochen", "week", "weeks"),
    "quarter": ("quartal", "quartale", "quarter", "quarters"),
    "year": ("jahr", "jahre", "jahren", "year", "years"),
}


def likeness(role: str, name: str) -> int:
    """Return how well a plain name (see `plain`) is known for a role: 3 the name, 1 a word, 0."""
    known = NAMES[role]
    if name in known or name.replace(" ", "") in {k.replace(" ", "") for k in known}:
        return 3
    words = set(name.split())
    if any(len(k) > 3 and set(k.split()) <= words for k in known):
        return 2
    joined = name.replace(" ", "")
    return 1 if any(len(k) > 5 and k.replace(" ", "") in joined for k in known) else 0


def is_private(name: str) -> bool:
    """Return whether a plain name is one of columns that name or find a person."""
    return any(w in PRIVATE or w.endswith(("name", "email")) for w in name.split())


def is_serving(name: str) -> bool:
    """Return whether a plain name is one of columns that name who serves a customer."""
    words = set(name.split())
    return any(set(known.split()) <= words for known in SERVING)


def is_person(text: str) -> bool:
    """Return whether a text looks like a person's name: "Bob Dylan", "Frau Lang"."""
    words = plain_words(text)
    return 2 <= len(words) <= 4 and (words[0] in TITLED or bool(set(words) & set(GIVEN)))


def plain_words(text: str) -> list[str]:
    """Return the words of a text in small ASCII letters."""
    return re.findall(r"[a-z]+", spelt(text))


def is_signing(name: str) -> bool:
    """Return whether a plain name is of the day of signing."""
    return any(w.startswith(SIGNING) or w.endswith("abschluss") for w in name.split())


def is_exported(name: str) -> bool:
    """Return whether a plain name is of the day on which the table was made."""
    return name in EXPORTED or name.replace(" ", "") in EXPORTED


def file_says(section: str, name: str) -> bool:
    """Return whether a file of this plain name is called like the table."""
    return any(word.startswith(FILES[section]) for word in name.split())
