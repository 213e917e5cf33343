"""Where the site keeps what files of the project hold, and links that lead there.

Leaves out making the pages: notebooks are pages.py, Markdown documents.py, records records.py, the
reference reference.py.
"""

from __future__ import annotations

import html
import itertools
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

RECORDS = "records"


@dataclass
class Places:
    """What the site holds, by the file or folder that it is made of."""

    pages: dict[Path, str] = field(default_factory=dict)
    # Hashes of records, which are places of one page.
    records: frozenset[str] = frozenset()

    def of(self, file: Path) -> str | None:
        """The address of a file's place; code is where its room is described."""
        file = Path(os.path.realpath(file))
        if file.suffix == ".jsonl" and file.stem in self.records:
            return f"{RECORDS}.html#{file.stem}"
        room = file.parent if file.suffix == ".ts" else file
        name = self.pages.get(file) or self.pages.get(room)
        return None if name is None else f"{name}.html"

    def linked(self, text: str, folder: Path, *, closed: bool = False) -> str:
        """HTML whose links lead to the site's own places.

        In a closed text, what the site does not hold keeps its words and loses its link.
        """

        def link(found: re.Match[str]) -> str:
            before, path, fragment, words = found[1], found[2], found[3] or "", found[4]
            address = self.of(folder / unquote(html.unescape(path)))
            if address is None:
                return words if closed else found[0]
            # A fragment is the file's own: of a notebook or a document.
            own = fragment if path.endswith((".ipynb", ".md")) else ""
            return f'<a{before}href="{address}{own}">{words}</a>'

        return re.sub(r'<a( |\s[^>]*\s)href="([^":?#]+)(#[^"]*)?"[^>]*>(.*?)</a>', link, text, flags=re.S)

    def with_records(self, text: str) -> str:
        """HTML whose hashes of records lead to them; `text` has no links of its own there."""

        def link(found: re.Match[str]) -> str:
            name = found[0]
            return f'<a href="{RECORDS}.html#{name}">{name}</a>' if name in self.records else name

        return re.sub(r"\b[0-9a-f]{12}\b(?=[^<>]*(?:<|$))", link, text)


def page_names(files: list[Path], taken: set[str] | None = None) -> dict[Path, str]:
    """The name of each file's page, by the file's place.

    It is that of the file, in characters that are the same in a file's name and in a link. Where
    another page has it, in whatever case, the folder's name or a number goes with it.
    """
    names: dict[Path, str] = {}
    taken = {"index", *(taken or ())}
    for file in files:
        place = Path(os.path.realpath(file))
        if place in names:
            raise ValueError(f"files must be different ones, got {file} twice. Name it once")
        own = slug(place.stem)
        numbered = (f"{own}-{number}" for number in itertools.count(2))
        wanted = itertools.chain([own, slug(f"{place.parent.name}-{place.stem}")], numbered)
        names[place] = next(name for name in wanted if name.casefold() not in taken)
        taken.add(names[place].casefold())
    return names


def slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text)[:60].strip(".-") or "page"
