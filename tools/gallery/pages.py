"""A notebook as a page of the gallery: its name, its body, and the findings for the start page.

Leaves out what is around a page (build.py), and what makes HTML of markdown and outputs readable
offline (tools/notebook/offline.py).
"""

from __future__ import annotations

import html
import itertools
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from forms import WIDE, drawing_of, form_of, picture_of, words_of
from notebook_file import plain_text, read_notebook, title_of, within
from offline import PICTURES, markdown, offline

# Pixels of a printed page: no figure is higher on paper.
PAPER = 1000


@dataclass
class Finding:
    """A figure of the start page."""

    heading: str
    caption: str
    alt: str
    picture: str | None
    link: str


@dataclass
class Page:
    """A notebook as a page."""

    name: str
    title: str
    lead: str
    body: str = ""
    outputs: int = 0
    places: int = 0
    figures: list[dict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def page_names(notebooks: list[Path]) -> dict[Path, str]:
    """The name of each notebook's page, by the notebook's place.

    It is that of the file, in characters that are the same in a file's name and in a link. Where
    another page has it, in whatever case, the folder's name or a number goes with it.
    """
    names: dict[Path, str] = {}
    taken = {"index"}
    for notebook in notebooks:
        place = Path(os.path.realpath(notebook))
        if place in names:
            raise ValueError(f"notebooks must be different ones, got {notebook} twice. Name it once")
        own = _slug(place.stem)
        numbered = (f"{own}-{number}" for number in itertools.count(2))
        wanted = itertools.chain([own, _slug(f"{place.parent.name}-{place.stem}")], numbered)
        names[place] = next(name for name in wanted if name.casefold() not in taken)
        taken.add(names[place].casefold())
    return names


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text)[:60].strip(".-") or "notebook"


def page_of(path: Path, folder: Path, names: dict[Path, str]) -> Page:
    """The page of a notebook; pictures of its outputs are written into the folder."""
    notebook = read_notebook(path)
    place = Path(os.path.realpath(path))

    def text_of(cell, text: str) -> str:
        rendered = markdown(text, place.parent, cell.get("attachments"))
        # The pilcrow links of headings have no words; the headings keep their places to link to.
        rendered = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", rendered)
        return _linked(rendered, place.parent, names)

    page = Page(names[place], title_of(notebook, path), "")
    heading = page.title
    parts: list[str] = []
    for number, cell in enumerate(notebook.cells, start=1):
        with within(f"{path}, cell {number}"):
            if cell.cell_type == "markdown":
                if not parts:
                    page.lead = text_of(cell, _lead(cell.source))
                for found in re.finditer(r"^#{1,3}\s+(.+)$", cell.source, flags=re.M):
                    heading = found[1].strip()
                parts.append(text_of(cell, cell.source))
            elif cell.cell_type == "code":
                parts.append(code(cell.source))
                before = len(page.findings)
                for output in cell.outputs:
                    parts.append(shown(page, output, place.parent, folder, heading))
                # One finding a cell.
                del page.findings[before + 1 :]
            else:
                parts.append(_preformatted(cell.source))
    page.body = "\n".join(parts)
    return page


def _lead(text: str) -> str:
    paragraphs = [part for part in text.split("\n\n") if part and not part.startswith("#")]
    return paragraphs[0] if paragraphs else ""


def _linked(rendered: str, folder: Path, names: dict[Path, str]) -> str:
    """Links to notebooks of the gallery lead to their pages."""

    def link(found: re.Match[str]) -> str:
        target = Path(os.path.realpath(folder / unquote(html.unescape(found[1]))))
        return f'href="{names[target]}.html{found[2]}"' if target in names else found[0]

    return re.sub(r'href="([^":?#]+\.ipynb)((?:#[^"]*)?)"', link, rendered)


def code(text: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TypeScriptLexer

    shown = highlight(text, TypeScriptLexer(), HtmlFormatter(nowrap=True))
    return (
        '<details class="code"><summary>code</summary>'
        f'<pre tabindex="0"><code>{shown}</code></pre></details>'
    )


def shown(page: Page, output: dict, source: Path, folder: Path, heading: str) -> str:
    """An output as HTML. Pictures that it names are looked for from the notebook's folder."""
    match output["output_type"]:
        case "stream":
            return _preformatted(output["text"])
        case "error":
            told = "\n".join(output["traceback"])
            return _preformatted(told or f"{output['ename']}: {output['evalue']}")
    data = output["data"]
    form = form_of(data)
    if form is None:
        return ""
    if form == WIDE or form in PICTURES:
        return figure(page, data, form, folder, heading)
    content = data[form]
    if form == "text/html":
        return _region(page, offline("".join(content), source))
    if form == "text/markdown":
        return _region(page, markdown("".join(content), source))
    if form == "application/json":
        return _preformatted(json.dumps(content, indent=2, ensure_ascii=False))
    return _preformatted("".join(content))


def _region(page: Page, content: str) -> str:
    page.outputs += 1
    label = f"Output {page.outputs}"
    return f'<div class="output" role="region" aria-label="{label}" tabindex="0">{content}</div>'


def _preformatted(text: str) -> str:
    return f'<pre class="output" tabindex="0">{html.escape(plain_text(text))}</pre>'


def figure(page: Page, data: dict, form: str, folder: Path, heading: str) -> str:
    """A figure's place, with its picture or its words for readers without scripts."""
    number = page.places
    page.places += 1
    alt = words_of(data)
    said = html.escape(alt, quote=True)
    picture = _kept(f"{page.name}-{number}", data, folder)
    caption, sides = "", ""
    opening = f'<figure id="figure-{number}" class="picture">'
    if form == WIDE:
        drawing = drawing_of(data)
        size = {side: drawing["wide"].get(side) or 0 for side in ("width", "height")}
        caption = _caption(drawing["wide"])
        sides = "".join(f' {side}="{pixels}"' for side, pixels in size.items() if pixels)
        opening = (
            f'<figure id="figure-{number}" class="figure" data-figure="{len(page.figures)}" role="img" '
            f'style="--print:{min(1, PAPER / max(1, size["height"])):.2f}" aria-label="{said}">'
        )
        page.figures.append(drawing)
    link = f"{page.name}.html#figure-{number}"
    page.findings.append(Finding(heading, caption or said, alt, picture, link))
    shown = f'<img src="{picture}" alt="{said}" loading="lazy"{sides}>' if picture else f"<p>{said}</p>"
    return f"{opening}{shown}</figure>"


def _kept(name: str, data: dict, folder: Path) -> str | None:
    """The file of an output's picture, if it has one."""
    found = picture_of(data)
    if found is None:
        return None
    kind, content = found
    name += PICTURES[kind][0]
    (folder / name).write_bytes(content)
    return name


def _caption(layout: dict) -> str:
    """The note below a figure, as one line."""
    notes = [
        str(note.get("text", ""))
        for note in layout.get("annotations") or []
        if note.get("yref") == "paper" and note.get("y") == 0
    ]
    text = re.sub(r"</?\w[^>]*>", "", notes[-1].replace("<br>", " ")) if notes else ""
    return html.escape(html.unescape(text), quote=False)
