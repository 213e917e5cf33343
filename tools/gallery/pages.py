"""A page of the site: what it is, and how one is made of a notebook.

Leaves out what is around a page (build.py), and what makes HTML of markdown and outputs readable
offline (tools/notebook/offline.py).
"""

from __future__ import annotations

import html
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from forms import WIDE, drawing_of, form_of, picture_of, words_of
from notebook_file import plain_text, read_notebook, title_of, within
from offline import PICTURES, markdown, offline
from places import Places

# Pixels of a printed page: no figure is higher on paper.
PAPER = 1000


@dataclass
class Figure:
    """A figure of a page: what stands in for it, and what is drawn of it, if it is drawn."""

    # Its page and the place there.
    link: str
    heading: str
    caption: str
    alt: str
    picture: str | None
    drawing: dict | None


@dataclass
class Page:
    """A page of the site."""

    name: str
    title: str
    # Pages of one kind stand together in the navigation.
    kind: str
    lead: str = ""
    body: str = ""
    outputs: int = 0
    figures: list[Figure] = field(default_factory=list)
    # The first figure of each cell.
    findings: list[Figure] = field(default_factory=list)
    # What the tables beside a figure say, cell by cell.
    told: dict[str, Figure] = field(default_factory=dict)

    @property
    def drawings(self) -> list[dict]:
        """What scripts draw, in the order of its places."""
        return [figure.drawing for figure in self.figures if figure.drawing is not None]


def page_of(path: Path, folder: Path, places: Places) -> Page:
    """The page of a notebook; pictures of its outputs are written into the folder."""
    notebook = read_notebook(path)
    place = Path(os.path.realpath(path))

    def text_of(cell, text: str) -> str:
        rendered = markdown(text, place.parent, cell.get("attachments"))
        return places.linked(without_pilcrows(rendered), place.parent)

    page = Page(places.pages[place], title_of(notebook, path), "Notebooks")
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
                parts.append(folded(cell.source))
                before = len(page.figures)
                told = [shown(page, output, place.parent, folder, heading) for output in cell.outputs]
                parts += [places.with_records(text) for text in told]
                for figure in page.figures[before : before + 1]:
                    page.findings.append(figure)
                    page.told |= dict.fromkeys(_cells("".join(told)), figure)
            else:
                parts.append(_preformatted(cell.source))
    page.body = "\n".join(parts)
    return page


def without_pilcrows(rendered: str) -> str:
    """Headings without their links, which have no words; they keep their places to link to."""
    return re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", rendered)


def _lead(text: str) -> str:
    paragraphs = [part for part in text.split("\n\n") if part and not part.startswith("#")]
    return paragraphs[0] if paragraphs else ""


def _cells(text: str) -> list[str]:
    return [html.unescape(cell) for cell in re.findall(r"<td[^>]*>([^<]+)</td>", text)]


def highlighted(text: str) -> str:
    """TypeScript with its words marked."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TypeScriptLexer

    return highlight(text, TypeScriptLexer(), HtmlFormatter(nowrap=True))


def folded(text: str) -> str:
    return (
        '<details class="code"><summary>code</summary>'
        f'<pre tabindex="0"><code>{highlighted(text)}</code></pre></details>'
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
        return _figure(page, data, form, folder, heading)
    content = data[form]
    if form == "text/html":
        return region(page, offline("".join(content), source))
    if form == "text/markdown":
        return region(page, markdown("".join(content), source))
    if form == "application/json":
        return _preformatted(json.dumps(content, indent=2, ensure_ascii=False))
    return _preformatted("".join(content))


def region(page: Page, content: str, name: str = "Output") -> str:
    """What may be wider than the page and is moved inside it, by keyboard too."""
    page.outputs += 1
    label = f"{name} {page.outputs}"
    return f'<div class="output" role="region" aria-label="{label}" tabindex="0">{content}</div>'


def _preformatted(text: str) -> str:
    return f'<pre class="output" tabindex="0">{html.escape(plain_text(text))}</pre>'


def _figure(page: Page, data: dict, form: str, folder: Path, heading: str) -> str:
    number = len(page.figures)
    alt = words_of(data)
    drawing = drawing_of(data) if form == WIDE else None
    caption = (drawing and _caption(drawing["wide"])) or html.escape(alt, quote=True)
    picture = _kept(f"{page.name}-{number}", data, folder)
    link = f"{page.name}.html#figure-{number}"
    figure = Figure(link, heading, caption, alt, picture, drawing)
    page.figures.append(figure)
    return placed(page, figure)


def placed(page: Page, figure: Figure) -> str:
    """The place of a figure of a page, with its picture or its words for readers without scripts."""
    said = html.escape(figure.alt, quote=True)
    place = f'<figure id="figure-{page.figures.index(figure)}"'
    sides = ""
    if figure.drawing is None:
        opening = f'{place} class="picture">'
    else:
        layout = figure.drawing["wide"]
        size = {side: layout.get(side) or 0 for side in ("width", "height")}
        sides = "".join(f' {side}="{pixels}"' for side, pixels in size.items() if pixels)
        number = len(page.drawings) - 1
        opening = (
            f'{place} class="figure" data-figure="{number}" role="img" '
            f'style="--print:{min(1, PAPER / max(1, size["height"])):.2f}" aria-label="{said}">'
        )
    picture = figure.picture and f'<img src="{figure.picture}" alt="{said}" loading="lazy"{sides}>'
    return f"{opening}{picture or f'<p>{said}</p>'}</figure>"


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
