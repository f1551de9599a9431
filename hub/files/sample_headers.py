"""The words above the columns of a payroll file, in Dutch and English, and what fills a column with such a word."""

from __future__ import annotations

import re
import unicodedata

from hub.files.layout import Source

_WORDS = {
    Source.BSN: "bsn, bsn nummer, bsn nr, burgerservicenummer, burger service nr, sofinummer, sofi nr, sofi, "
    "citizen service number, social security number",
    Source.EMPLOYEE: "personeelsnummer, personeelsnr, personeel nr, pers nr, medewerkernummer, medewerkersnummer, "
    "medewerker nr, medewerker id, medewerkercode, werknemernummer, werknemersnummer, werknemer nr, werknemer id, "
    "employee number, employee no, employee nr, employee id, employee code, personnel number, staff number, "
    "payroll number",
    Source.NAME: "naam, volledige naam, achternaam, medewerker, medewerkernaam, naam medewerker, werknemer, "
    "werknemernaam, naam werknemer, name, full name, last name, surname, employee, employee name",
    Source.DATE: "datum, dag, werkdatum, werkdag, date, day, work date",
    Source.START: "van, vanaf, begin, begindatum, startdatum, datum van, datum vanaf, periode van, start, start date, "
    "from, from date, date from, period start",
    Source.END: "t/m, tot, tot en met, eind, einde, einddatum, datum tot, datum t/m, periode t/m, periode tot, end, "
    "end date, to, until, to date, date to, period end",
    Source.YEAR: "jaar, loonjaar, boekjaar, year",
    Source.NUMBER: "periode, periodenummer, periode nr, loonperiode, maand, week, weeknummer, period, period number, "
    "period no, month, week number",
    Source.CODE: "code, looncode, looncomponent, looncomponentcode, urencode, urensoort, uursoort, uurcode, component, "
    "wage code, wage component, pay code, hour code, hour type, hours type",
    Source.COST_CENTRE: "kostenplaats, kostenplaatscode, kostenplaats nr, kpl, cost centre, cost centre code, "
    "cost center, cost center code",
    Source.AMOUNT: "uren, aantal, aantal uren, gewerkte uren, uren gewerkt, bedrag, waarde, hours, worked hours, "
    "hours worked, number of hours, quantity, amount, value",
}

_BETWEEN_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_VALUE = re.compile(r"[-+€ ]*\d+[.,:]\d+[-]?|\d{1,4}([-/.])\d{1,2}\1\d{1,4}")


def _plain(text: str) -> str:
    """Return only the letters and digits of a text, in lower case and without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).casefold() if letter.isalnum())


_SOURCES = {_plain(word): source for source, words in _WORDS.items() for word in words.split(",")}


def source_of(header: str) -> Source | None:
    """Return what fills a column with this header, None if it is no known word. What is in brackets may be ignored."""
    found = _SOURCES.get(_plain(header))
    return found or _SOURCES.get(_plain(_BETWEEN_BRACKETS.sub("", header)))


def holds_a_value(header: str) -> bool:
    """Tell whether a header looks like data: a number of 8 digits or more, an e-mail address, an amount or a date."""
    digits = re.sub(r"[\s./-]", "", header)
    return "@" in header or re.search(r"\d{8}", digits) is not None or _VALUE.fullmatch(header.strip()) is not None
