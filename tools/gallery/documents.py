"""A Markdown file as a page of the site: links that lead to its pages, tables that fit a phone, and
scoreboards whose claims lead to their figures.

A scoreboard is a table with a column "claim".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from offline import markdown
from pages import Figure, Page, region, without_pilcrows
from places import Places, slug

MARKS = {"🟢": "holds", "🔴": "fails", "🟡": "undecided", "⚪": "none"}


@dataclass
class Claim:
    """A line of a scoreboard: its columns as HTML, and where it stands."""

    statement: str
    columns: dict[str, str]
    figure: Figure | None
    link: str


def document_of(path: Path, places: Places, told: dict[str, Figure]) -> tuple[Page, list[Claim]]:
    """The page of a Markdown file, and the claims of its scoreboards.

    `told` has the figure of each statement that a notebook's table tells.
    """
    from bs4 import BeautifulSoup

    path = path.resolve()
    rendered = without_pilcrows(markdown(_plain(path.read_text(encoding="utf-8")), path.parent))
    # Not every browser has coloured emoji.
    for emoji, verdict in MARKS.items():
        rendered = rendered.replace(emoji, f'<i class="mark {verdict}"></i>')
    soup = BeautifulSoup(places.linked(rendered, path.parent, closed=True), "html.parser")
    heading = soup.find("h1")
    page = Page(places.pages[path], heading.get_text() if heading else path.stem, "Documents")
    _anchor(soup)
    claims: list[Claim] = []
    for table in soup.find_all("table"):
        columns = [cell.get_text() for cell in table.find_all("th")]
        if "claim" in columns:
            page.lead = page.lead or _before(table)
            claims += _board(table, columns, page, told)
        shown = BeautifulSoup(region(page, "", "Table"), "html.parser").div
        if "claim" in columns:
            shown["class"].append("scoreboard")
        table.wrap(shown)
        # An empty corner heads nothing.
        for cell in table.find_all("th"):
            cell.name = "th" if cell.get_text(strip=True) else "td"
    page.body = str(soup)
    return page, claims


def _plain(text: str) -> str:
    """Markdown without the comments that tools read."""
    return re.sub(r"^<!--.*?-->\n", "", text, flags=re.M)


def _anchor(soup) -> None:
    """Headings are linked to as they are where the files are read."""
    taken: set[str] = set()
    for heading in soup.find_all(re.compile("^h[1-6]$")):
        name = re.sub(r"[^\w -]", "", heading.get_text().strip().lower()).replace(" ", "-")
        number = sum(other == name or other.startswith(f"{name}-") for other in taken)
        heading["id"] = name if name not in taken else f"{name}-{number}"
        taken.add(heading["id"])


def _before(table) -> str:
    """The paragraphs that lead to a scoreboard: the document's first one, and the one before it."""
    before = list(reversed(table.find_all_previous("p")))
    return "".join(str(one) for one in dict.fromkeys([*before[:1], *before[-1:]]))


def _board(table, columns: list[str], page: Page, told: dict[str, Figure]) -> list[Claim]:
    """Cells learn their column, which stands before each on a phone, and claims their figure."""
    from bs4 import BeautifulSoup

    claims = []
    for row in table.find_all("tr"):
        cells = dict(zip(columns, row.find_all("td")))
        if not cells:
            continue
        for column, cell in cells.items():
            cell["data-column"] = column
        statement = cells["claim"].get_text().strip()
        row["id"] = slug(statement)
        figure = told.get(statement)
        inner = {column: cell.decode_contents() for column, cell in cells.items()}
        claims.append(Claim(statement, inner, figure, f"{page.name}.html#{row['id']}"))
        if figure:
            link = BeautifulSoup(f'<a href="{figure.link}"></a>', "html.parser").a
            link.extend(list(cells["claim"].contents))
            cells["claim"].append(link)
    return claims
