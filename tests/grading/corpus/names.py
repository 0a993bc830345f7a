"""Names as people have them, and names that nobody has: each is a student of its own, under the name that was on the file."""

import unicodedata

from . import raw


def lines(notebook):
    return notebook.encode()


def named(name, shown=""):
    """Right answers in a file of this name; ``shown`` is what ``marks.csv`` has where a spreadsheet would compute the name."""
    return raw(shown or name, lines, file=f"{name}.ipynb")


ITEMS = [
    named("Strauss"),
    named("Strauß"),
    named("strauss"),
    named("capitals"),
    named("Capitals"),
    named("प्रिया शर्मा"),
    named("วิชัย ใจดี"),
    named("مريم الزهراء"),
    named(unicodedata.normalize("NFC", "Ọ̀ṣun Adébáyọ̀")),
    raw("Zo\u00eb", lines, file="Zoe\u0308.ipynb"),
    named("Marcel·lí"),
    named("Sammy Davis Jr."),
    named("a+b (c) O’Neill"),
    named("Ünï çødé, Zoë 王"),
    named("王" * 82),
    named("a" * 249),
    named("two  spaces "),
    named("..hidden"),
    named("..."),
    named("nul"),
    named("CON"),
    named("nul.txt"),
    named("not-run.json"),
    named("epidemics"),
    named("-n", "'-n"),
    named("+1 555", "'+1 555"),
    named("=1+1", "'=1+1"),
    named("'=1+1", "''=1+1"),
    named("a\\..\\b"),
    named("a\nb\tc\x1b[2J"),
    named("<script>pwned()"),
    raw("no-\\udcff", lines, file="no-\udcff.ipynb"),
    raw("anon_Ab12z", lines, file="LATE_anon_Ab12z_88_epidemics.ipynb"),
]
