"""Builds a static site from the executed notebooks: a page each, a start page with one figure a
finding and the scoreboard. Everything is read offline; Plotly is there once for all pages.

Leaves out running notebooks: that is tools/notebook/run.py.

    python tools/gallery/build.py --output FOLDER NOTEBOOK ...
"""

from __future__ import annotations

import argparse
import base64
import html
import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebook"))

from notebook_file import keep_home_clean, read_notebook, root, write_whole  # noqa: E402

keep_home_clean()

WIDE = "application/vnd.plotly.v1+json"
NARROW = "application/vnd.factlab.narrow.v1+json"
PLOTLY = root / "node_modules" / "plotly.js-dist-min" / "plotly.min.js"
HERE = Path(__file__).resolve().parent
LIMIT = 15_000_000
# Pixels of a printed page: no figure is higher on paper.
PAPER = 1000

POLICY = (
    "default-src 'none'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; font-src data:"
)


@dataclass
class Finding:
    """A figure of the start page."""

    heading: str
    caption: str
    alt: str
    picture: str
    link: str


@dataclass
class Page:
    """A notebook as a page."""

    name: str
    title: str
    lead: str
    body: str = ""
    outputs: int = 0
    figures: list[dict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def markdown(text: str) -> str:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    rendered = markdown2html_mistune(text)
    # The pilcrow links of headings have no words; the headings keep their places to link to.
    rendered = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", rendered)
    return re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.html"', rendered)


def code(text: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TypeScriptLexer

    shown = highlight(text, TypeScriptLexer(), HtmlFormatter(nowrap=True))
    return (
        '<details class="code"><summary>code</summary>'
        f'<pre tabindex="0"><code>{shown}</code></pre></details>'
    )


def caption_of(layout: dict) -> str:
    """The note below a figure, as one line."""
    notes = [
        note for note in layout.get("annotations", [])
        if note.get("yref") == "paper" and note.get("y") == 0
    ]
    return re.sub(r"<br>", " ", notes[-1]["text"]) if notes else ""


def figure(page: Page, output: dict, folder: Path) -> str:
    """A figure's place, with its picture for readers without scripts."""
    data = output["data"]
    number = len(page.figures)
    alt = "".join(data["text/plain"])
    picture = f"{page.name}-{number}.png"
    (folder / picture).write_bytes(base64.b64decode("".join(data["image/png"])))
    wide = data[WIDE]
    size = wide["layout"]
    narrow = data.get(NARROW, {}).get("layout", size)
    page.figures.append({"data": wide["data"], "wide": size, "narrow": narrow})
    return (
        f'<figure id="figure-{number}" class="figure" data-figure="{number}" role="img" '
        f'style="--print:{min(1, PAPER / size["height"]):.2f}" '
        f'aria-label="{html.escape(alt, quote=True)}">'
        f'<img src="{picture}" alt="{html.escape(alt, quote=True)}" loading="lazy" '
        f'width="{size["width"]}" height="{size["height"]}"></figure>'
    )


def shown(page: Page, output: dict, heading: str, folder: Path, first: bool) -> str:
    data = output.get("data", {})
    if WIDE in data:
        place = figure(page, output, folder)
        if first:
            number = len(page.figures) - 1
            alt = "".join(data["text/plain"])
            page.findings.append(
                Finding(
                    heading=heading,
                    caption=caption_of(data[WIDE]["layout"]) or html.escape(alt),
                    alt=alt,
                    picture=f"{page.name}-{number}.png",
                    link=f"{page.name}.html#figure-{number}",
                )
            )
        return place
    if "text/html" in data:
        content = "".join(data["text/html"])
        page.outputs += 1
        label = f"Output {page.outputs}"
        return f'<div class="output" role="region" aria-label="{label}" tabindex="0">{content}</div>'
    if "text/plain" in data:
        return f'<pre class="output" tabindex="0">{html.escape("".join(data["text/plain"]))}</pre>'
    if output.get("output_type") == "stream":
        return f'<pre class="output" tabindex="0">{html.escape("".join(output["text"]))}</pre>'
    return ""


def page_of(path: Path, folder: Path) -> Page:
    notebook = read_notebook(path)
    first = notebook.cells[0].source
    heading = re.search(r"^#\s+(.+)$", first, flags=re.M)
    title = heading[1].strip() if heading else path.stem
    paragraphs = [text for text in first.split("\n\n") if text and not text.startswith("#")]
    page = Page(path.stem, title, markdown(paragraphs[0]) if paragraphs else "")
    heading_now = title
    parts: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for found in re.finditer(r"^#{1,3}\s+(.+)$", cell.source, flags=re.M):
                heading_now = found[1].strip()
            parts.append(markdown(cell.source))
            continue
        parts.append(code(cell.source))
        has_finding = False
        for output in cell.get("outputs", []):
            is_figure = WIDE in output.get("data", {})
            parts.append(shown(page, output, heading_now, folder, is_figure and not has_finding))
            has_finding = has_finding or is_figure
    page.body = "\n".join(parts)
    return page


def document(title: str, body: str, pages: list[Page], here: str, scripts: str = "") -> str:
    def link(name: str, text: str) -> str:
        current = ' aria-current="page"' if name == here else ""
        return f'<a href="{name}.html"{current}>{html.escape(text)}</a>'

    nav = " ".join([link("index", "Findings"), *[link(page.name, page.title) for page in pages]])
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="color-scheme" content="light dark">
<title>{html.escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="gallery.css">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header><nav aria-label="Pages">{nav}</nav></header>
<main id="content">
{body}
</main>
{scripts}
</body>
</html>
"""


def drawn(page: Page) -> str:
    if not page.figures:
        return ""
    listed = json.dumps(page.figures, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="figures">{listed}</script>\n'
        '<script src="plotly.min.js"></script>\n<script src="gallery.js"></script>'
    )


def scoreboard() -> str:
    readme = (root / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- claims -->\n(.*?)<!-- /claims -->", readme, flags=re.S)
    if not found:
        raise ValueError("README.md must hold the scoreboard between its markers")
    return labelled(markdown(found[1]))


def labelled(table: str) -> str:
    """Cells that know their column, which stands before each on a phone."""
    columns = [html.unescape(text) for text in re.findall(r"<th[^>]*>(.*?)</th>", table)]

    def row(found: re.Match[str]) -> str:
        names = iter(columns)
        return re.sub("<td", lambda _: f'<td data-column="{html.escape(next(names))}"', found[0])

    return re.sub(r"<tr>.*?</tr>", row, table, flags=re.S)


def start_page(pages: list[Page]) -> str:
    cards = "\n".join(
        f'<section class="notebook"><h2><a href="{page.name}.html">{html.escape(page.title)}</a></h2>'
        f'{page.lead}<div class="cards">'
        + "\n".join(
            f'<a class="card" href="{one.link}"><img src="{one.picture}" loading="lazy" '
            f'alt="{html.escape(one.alt, quote=True)}"><span class="heading">'
            f"{html.escape(one.heading)}</span><span>{one.caption}</span></a>"
            for one in page.findings
        )
        + "</div></section>"
        for page in pages
    )
    return (
        "<h1>factlab: how language models learn, hallucinate and forget facts</h1>"
        "<p>Made-up people, a transformer trained on their biographies, and what it knows of them. "
        "One figure a finding; each leads to the notebook that made it.</p>"
        f"{cards}\n<section><h2 id='scoreboard'>Scoreboard</h2>"
        f'<div class="output scoreboard" role="region" aria-label="Scoreboard" tabindex="0">{scoreboard()}'
        "</div></section>"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notebooks", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    target: Path = options.output.resolve()
    ours = target.is_dir() and ((target / "gallery.css").exists() or not any(target.iterdir()))
    if target.exists() and not ours:
        return refused(f"{options.output} must be an empty folder or a gallery, which is replaced")
    # Beside its place until it is whole: what fails leaves the gallery of before.
    folder = target.with_name(target.name + ".part")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        told = build(options.notebooks, folder)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    except (OSError, ValueError) as error:
        return refused(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{options.output}: {told}")
    return 0


def refused(why: str) -> int:
    print(f"Cannot build the gallery: {why}", file=sys.stderr)
    return 1


def build(notebooks: list[Path], folder: Path) -> str:
    """Writes all files, and returns what they are in words."""
    pages = [page_of(path, folder) for path in notebooks]
    for page in pages:
        text = document(page.title, page.body, pages, page.name, drawn(page))
        write_whole(folder / f"{page.name}.html", text)
    write_whole(folder / "index.html", document("factlab", start_page(pages), pages, "index"))
    shutil.copyfile(PLOTLY, folder / "plotly.min.js")
    for name in ("gallery.css", "gallery.js"):
        shutil.copyfile(HERE / name, folder / name)
    size = sum(path.stat().st_size for path in folder.iterdir())
    figures = sum(len(page.figures) for page in pages)
    if size > LIMIT:
        raise ValueError(f"it must have at most {LIMIT / 1e6:.0f} MB, has {size / 1e6:.1f}")
    return f"{len(pages) + 1} pages, {figures} figures, {size / 1e6:.1f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
