"""The reference of the programming interface, from doc comments: a page with all names, and a page
for each room with its declarations as they are written, and their documentation.

It reads what `deno doc --json` says of entry points (which names, of what kind, where they are
declared, their comments). deno doc --html has a page a member, which is 26 MB, and says
`from "."` for imports.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from offline import markdown
from pages import Page, highlighted, without_pilcrows
from places import Places

KINDS = {
    "function": "Functions",
    "variable": "Values",
    "class": "Types",
    "interface": "Types",
    "typeAlias": "Types",
}
FACE = "factlab"
ALONE = "(of its room alone)"


@dataclass
class Symbol:
    """A name that an entry point exports."""

    name: str
    kind: str
    file: Path
    declared: str
    comment: dict

    @property
    def sentence(self) -> str:
        """The first sentence of its documentation."""
        text = " ".join(self.comment.get("doc", "").split("\n\n")[0].split())
        return re.split(r"(?<=[.:;])\s", text)[0].rstrip(".:;")


@dataclass
class Room:
    """An entry point: what it is imported as, and what it exports."""

    specifier: str
    folder: Path
    page: str
    about: str
    symbols: list[Symbol]


def rooms_of(described: Path) -> list[Room]:
    """What deno doc says of all entry points, as rooms; the first one is the public face."""
    nodes: dict[str, dict] = json.loads(described.read_text(encoding="utf-8"))["nodes"]
    # A name is declared once, and referred to from other entry points.
    declared = {
        _place(one["location"]): one
        for module in nodes.values()
        for own in module["symbols"]
        for one in own["declarations"]
        if one["kind"] != "reference"
    }
    rooms = []
    for address, module in nodes.items():
        folder = Path(unquote(urlsplit(address).path)).parent
        specifier = f"{FACE}/{folder.name}" if rooms else FACE
        about = module.get("module_doc", {}).get("doc", "").replace("Re-exports only.", "").strip()
        symbols = []
        for own in module["symbols"]:
            ones = [one["def"].get("target") for one in own["declarations"]]
            found = [declared[_place(one)] if one else None for one in ones]
            symbols.append(_symbol(own["name"], [a or b for a, b in zip(found, own["declarations"])]))
        symbols.sort(key=lambda own: own.name.lower())
        rooms.append(Room(specifier, folder, specifier.replace("/", "-"), about, symbols))
    return rooms


def _place(location: dict) -> tuple[str, int]:
    return location["filename"], location["byteIndex"]


def _symbol(name: str, declarations: list[dict]) -> Symbol:
    address, start = _place(declarations[0]["location"])
    file = Path(unquote(urlsplit(address).path))
    source = file.read_bytes()
    lines = source[source.rfind(b"\n", 0, start) + 1 :].decode("utf-8").splitlines()
    kind = declarations[0]["kind"]
    comment = next((one["jsDoc"] for one in declarations if "jsDoc" in one), {})
    return Symbol(name, kind, file, _declared(lines, kind), comment)


def _declared(lines: list[str], kind: str) -> str:
    """A declaration as `deno fmt` writes it: of functions and values without what they do or hold."""
    depth = 0
    for number, line in enumerate(lines):
        code = re.sub(r"^\s*(/\*\*|\*|//).*|\"[^\"]*\"", "", line)
        depth += sum((mark in "{([") - (mark in "})]") for mark in code)
        first = number == 0 or line.startswith((")", "}"))
        ends = {
            "function": first and depth == 1 and code.endswith(" {"),
            "variable": " = " in code or code.endswith((" =", ";")),
        }.get(kind, False)
        if ends or (depth == 0 and code.endswith(("}", ";"))):
            break
    text = "\n".join(lines[: number + 1])
    if kind == "variable":
        return re.split(r"\s=(?:\s|$)", text)[0]
    return text.removesuffix(" {") if kind == "function" else text


def reference_pages(rooms: list[Room], places: Places) -> list[Page]:
    """The page of all names, then that of each room."""
    face, *others = rooms
    public = {(own.file, own.name) for own in face.symbols}

    def places_in(room: Room) -> dict[str, str]:
        return {own.name: f"{room.page}.html#{own.name}" for own in room.symbols}

    everywhere = {name: place for room in others for name, place in places_in(room).items()}
    index = Page(face.page, "Reference", "Reference")
    index.body = "\n".join([
        "<h1>Reference</h1>",
        "<p>Everything below is imported from <code>\"factlab\"</code> or from its own room, such as "
        "<code>\"factlab/generator\"</code>; what is marked as of its room alone only from there.</p>",
        *[_listed(room, public) for room in others],
    ])
    return [index, *[_room_page(room, public, places, everywhere | places_in(room)) for room in others]]


def _listed(room: Room, public: set) -> str:
    """A room on the page of all names."""

    def link(own: Symbol) -> str:
        return f'<a href="{room.page}.html#{own.name}"><code>{own.name}</code></a>'

    rows, types = [], []
    for own in room.symbols:
        if KINDS[own.kind] == "Types":
            types.append(link(own))
            continue
        alone = "" if (own.file, own.name) in public else f' <span class="source">{ALONE}</span>'
        rows.append(f"<tr><td>{link(own)}</td><td>{_words(own.sentence)}{alone}</td></tr>")
    named = f"<p>Types: {', '.join(types)}</p>" if types else ""
    return (
        f'<h2 id="{room.folder.name}"><a href="{room.page}.html">{room.specifier}</a></h2>'
        f"<p>{_words(room.about)}</p>"
        f'<div class="output" role="region" aria-label="{room.specifier}" tabindex="0">'
        f"<table><tbody>{''.join(rows)}</tbody></table></div>{named}"
    )


def _room_page(room: Room, public: set, places: Places, address: dict[str, str]) -> Page:
    page = Page(room.page, room.specifier, "Reference")
    parts = [f"<h1>{room.specifier}</h1>", _prose(room.about, room.folder, places, address)]
    for title in dict.fromkeys(KINDS.values()):
        own = [symbol for symbol in room.symbols if KINDS[symbol.kind] == title]
        if own:
            parts.append(f"<h2>{title}</h2>")
            parts += [_entry(symbol, room, public, places, address) for symbol in own]
    page.body = "\n".join(parts)
    return page


def _entry(own: Symbol, room: Room, public: set, places: Places, address: dict[str, str]) -> str:
    module = FACE if (own.file, own.name) in public else room.specifier
    tags = own.comment.get("tags", [])
    told = [_prose(own.comment.get("doc", ""), own.file.parent, places, address)]
    for tag in tags:
        text = _prose(tag.get("doc", ""), own.file.parent, places, address)
        if tag["kind"] == "throws":
            kind = tag.get("tsType", {}).get("repr", "Error")
            text = text.replace("<p>", f"<p><b>Throws</b> <code>{kind}</code> ", 1)
        told.append(text)
    declared = _named(highlighted(own.declared), own.name, address)
    file = f"{room.folder.parent.name}/{own.file.relative_to(room.folder.parent)}"
    return (
        f'<section class="symbol"><h3 id="{own.name}">{own.name}</h3>'
        f'<pre tabindex="0" class="declared"><code>{declared}</code></pre>'
        f"{''.join(told)}<p class=\"source\">from <code>\"{module}\"</code>, in <code>{file}</code></p></section>"
    )


def _named(code: str, own: str, address: dict[str, str]) -> str:
    """Highlighted code in which other names lead to their entries."""

    def link(found: re.Match[str]) -> str:
        name = found[1]
        if name == own or name not in address:
            return found[0]
        return f'><a href="{address[name]}">{name}</a></span>'

    return re.sub(r">(\w+)</span>", link, code)


def _prose(text: str, folder: Path, places: Places, address: dict[str, str]) -> str:
    """A comment as HTML; {@link NAME} leads to its entry."""

    def link(found: re.Match[str]) -> str:
        name = found[1]
        return f"[`{name}`]({address[name]})" if name in address else f"`{name}`"

    text = re.sub(r"\{@link (\S+?)\}", link, text)
    return without_pilcrows(markdown(text, folder)) if text else ""


def _words(text: str) -> str:
    """A sentence of a comment as HTML, without links."""
    text = html.escape(re.sub(r"\{@link (\S+?)\}", r"`\1`", text), quote=False)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
