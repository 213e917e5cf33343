"""Builds a static site from the executed notebooks: a page each, a start page with one figure a
finding and the scoreboard. Everything is read offline; Plotly is there once for all pages.

Leaves out the pages of notebooks, which are pages.py, and running notebooks, which is
tools/notebook/run.py.

    python tools/gallery/build.py --output FOLDER NOTEBOOK ...
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebook"))

from notebook_file import keep_home_clean, root, write_whole  # noqa: E402
from offline import markdown  # noqa: E402
from pages import Finding, Page, page_names, page_of  # noqa: E402

keep_home_clean()

PLOTLY = root / "node_modules" / "plotly.js-dist-min" / "plotly.min.js"
HERE = Path(__file__).resolve().parent
LIMIT = 15_000_000
MARKS = {"🟢": "holds", "🔴": "fails", "🟡": "undecided", "⚪": "none"}

POLICY = (
    "default-src 'none'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; font-src data:"
)


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
    claims = (root / "docs" / "claims.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- claims -->\n(.*?)<!-- /claims -->", claims, flags=re.S)
    if not found:
        raise ValueError("docs/claims.md must hold the scoreboard between its markers")
    # Notebooks are pages here; records are not here.
    text = re.sub(r"\(\.\./notebooks/(\w+)\.ipynb\)", r"(\1.html)", found[1])
    text = re.sub(r"\[([^\]]*)\]\(\.\./data/[^)]*\)", r"\1", text)
    # Not every browser has coloured emoji.
    for emoji, verdict in MARKS.items():
        text = text.replace(emoji, f'<i class="mark {verdict}"></i>')
    board = markdown(text.replace("\n## ", "\n### "), root)
    return labelled(re.sub(r'<a class="anchor-link".*?</a>', "", board))


def labelled(table: str) -> str:
    """Cells that know their column, which stands before each on a phone."""
    columns = [html.unescape(text) for text in re.findall(r"<th[^>]*>(.*?)</th>", table)]

    def row(found: re.Match[str]) -> str:
        # All tables have the same columns.
        names = iter(columns)
        return re.sub("<td", lambda _: f'<td data-column="{html.escape(next(names))}"', found[0])

    return re.sub(r"<tr>.*?</tr>", row, table, flags=re.S)


def card(finding: Finding) -> str:
    """A finding on the start page: its picture, or its words alone."""
    picture = (
        f'<img src="{finding.picture}" loading="lazy" alt="{html.escape(finding.alt, quote=True)}">'
        if finding.picture
        else ""
    )
    return (
        f'<a class="card" href="{finding.link}">{picture}<span class="heading">'
        f"{html.escape(finding.heading)}</span><span>{finding.caption}</span></a>"
    )


def start_page(pages: list[Page]) -> str:
    cards = "\n".join(
        f'<section class="notebook"><h2><a href="{page.name}.html">{html.escape(page.title)}</a></h2>'
        f'{page.lead}<div class="cards">'
        + "\n".join(card(one) for one in page.findings)
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
    names = page_names(notebooks)
    pages = [page_of(path, folder, names) for path in notebooks]
    for page in pages:
        text = document(page.title, page.body, pages, page.name, drawn(page))
        write_whole(folder / f"{page.name}.html", text)
    write_whole(folder / "index.html", document("factlab", start_page(pages), pages, "index"))
    shutil.copyfile(PLOTLY, folder / "plotly.min.js")
    for name in ("gallery.css", "gallery.js"):
        shutil.copyfile(HERE / name, folder / name)
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    size, largest = sum(sizes.values()), max(sizes, key=lambda name: sizes[name])
    figures = sum(len(page.figures) for page in pages)
    if size > LIMIT:
        told = f"it must have at most {LIMIT / 1e6:.0f} MB, got {size / 1e6:.1f}"
        raise ValueError(f"{told}. Name fewer notebooks; the largest file is {largest}")
    return f"{len(pages) + 1} pages, {figures} figures, {size / 1e6:.1f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
