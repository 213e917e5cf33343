"""Builds a static site, which is read offline: a page for each notebook and each Markdown file, the
reference of the programming interface, the records, and a start page with what was found.

What is named is what the site holds. The findings are the claims of the first Markdown file that
has a scoreboard, each with the figure of the notebook that tells it. Plotly is there once.

    python tools/gallery/build.py --output FOLDER FILE ...

FILE is a notebook (.ipynb), a document (.md), records (.jsonl) or what deno doc --json says (.json).
Leaves out how each kind becomes a page (pages.py, documents.py, records.py, reference.py), and
running notebooks, which is tools/notebook/run.py.
"""

from __future__ import annotations

import argparse
import html
import itertools
import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebook"))

from documents import Claim, document_of  # noqa: E402
from notebook_file import keep_home_clean, root, write_whole  # noqa: E402
from pages import Figure, Page, page_of, placed  # noqa: E402
from places import RECORDS, Places, page_names  # noqa: E402
from records import records_page  # noqa: E402
from reference import reference_pages, rooms_of  # noqa: E402

keep_home_clean()

PLOTLY = root / "node_modules" / "plotly.js-dist-min" / "plotly.min.js"
HERE = Path(__file__).resolve().parent
LIMIT = 15_000_000
KINDS = (".ipynb", ".md", ".jsonl", ".json")

POLICY = (
    "default-src 'none'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; font-src data:"
)


def document(page: Page, pages: list[Page]) -> str:
    """A page with what is around it: a link to each kind of page, and to all of its own kind."""

    def link(other: Page, text: str, current: str) -> str:
        return f'<a href="{other.name}.html"{current}>{html.escape(text)}</a>'

    def here(other: Page, mark: str = "page") -> str:
        return f' aria-current="{mark}"' if other is page else ""

    kinds = {kind: list(own) for kind, own in itertools.groupby(pages, lambda one: one.kind)}
    own = kinds[page.kind]
    kinds_row = [
        link(others[0], kind, here(others[0]) or (' aria-current="true"' if own is others else ""))
        for kind, others in kinds.items()
    ]
    navigation = f'<nav aria-label="Site">{" ".join(kinds_row)}</nav>'
    if len(own) > 1:
        row = " ".join(link(other, other.title, here(other)) for other in own)
        navigation += f'<nav aria-label="{page.kind}" class="within">{row}</nav>'
    title = "factlab" if page.name == "index" else page.title
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
<header>{navigation}</header>
<main id="content">
{page.body}
</main>
{drawn(page)}
</body>
</html>
"""


def drawn(page: Page) -> str:
    if not page.drawings:
        return ""
    listed = json.dumps(page.drawings, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="figures">{listed}</script>\n'
        '<script src="plotly.min.js"></script>\n<script src="gallery.js"></script>'
    )


def card(figure: Figure) -> str:
    """A figure of a notebook on the start page: its picture, or its words alone."""
    alt = html.escape(figure.alt, quote=True)
    picture = f'<img src="{figure.picture}" loading="lazy" alt="{alt}">' if figure.picture else ""
    return (
        f'<a class="card" href="{figure.link}">{picture}<span class="heading">'
        f"{html.escape(figure.heading)}</span><span>{figure.caption}</span></a>"
    )


def finding(start: Page, claims: list[Claim]) -> str:
    """Claims of one figure: their verdicts and numbers, the figure, and where both come from."""
    parts = []
    for claim in claims:
        columns = dict(claim.columns)
        verdict, statement = columns.pop("verdict", ""), columns.pop("claim")
        numbers = " · ".join(
            f"<span>{html.escape(name)}</span> {value}" for name, value in columns.items() if value
        )
        parts.append(
            f'<p class="verdict">{verdict}</p><h3>{statement}</h3><p class="numbers">{numbers} · '
            f'<a href="{claim.link}">its line of the scoreboard</a></p>'
        )
    figure = claims[0].figure
    if figure:
        start.figures.append(figure)
        parts.append(placed(start, figure))
        parts.append(f'<p class="source">From <a href="{figure.link}">{html.escape(figure.heading)}</a></p>')
    return f'<article class="finding">{"".join(parts)}</article>'


def lead_of(page: Page) -> str:
    """The words that a page begins with, to be read elsewhere."""
    return page.lead.replace('href="#', f'href="{page.name}.html#')


def start_page(notebooks: list[Page], documents: list[Page], claims: list[Claim]) -> Page:
    start = Page("index", "What was found", "Findings")
    lead = next((lead_of(page) for page in documents if page.lead), "")
    parts = ["<h1>factlab: how language models learn, hallucinate and forget facts</h1>", lead]
    if claims:
        by_figure: dict[str, list[Claim]] = {}
        for claim in claims:
            by_figure.setdefault(claim.figure.link if claim.figure else claim.link, []).append(claim)
        parts.append('<h2>Findings</h2>')
        parts += [finding(start, own) for own in by_figure.values()]
    for page in notebooks:
        cards = "\n".join(card(one) for one in page.findings)
        told = f"{len(page.findings)} figure{'' if len(page.findings) == 1 else 's'}"
        parts.append(
            f'<section class="notebook"><h2><a href="{page.name}.html">{html.escape(page.title)}</a></h2>'
            f"{lead_of(page)}<details{'' if claims else ' open'}><summary>{told}</summary>"
            f'<div class="cards">{cards}</div></details></section>'
        )
    start.body = "\n".join(parts)
    return start


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
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
        told = build(options.files, folder)
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


def build(files: list[Path], folder: Path) -> str:
    """Writes all files, and returns what they are in words."""
    of = {kind: [path for path in files if path.suffix == kind] for kind in KINDS}
    for path in files:
        if path.suffix not in KINDS:
            raise ValueError(f"file must end in {', '.join(KINDS)}, got {path}")
    rooms = [room for path in of[".json"] for room in rooms_of(path)]
    taken = {RECORDS, *(room.page for room in rooms)}
    names = page_names([*of[".ipynb"], *of[".md"]], taken)
    names |= {room.folder: room.page for room in rooms}
    places = Places(names, frozenset(path.stem for path in of[".jsonl"]))

    notebooks = [page_of(path, folder, places) for path in of[".ipynb"]]
    told = {said: figure for page in notebooks for said, figure in page.told.items()}
    read = [document_of(path, places, told) for path in of[".md"]]
    documents = [page for page, _ in read]
    start = start_page(notebooks, documents, next((claims for _, claims in read if claims), []))
    pages = [start, *notebooks, *documents]
    pages += reference_pages(rooms, places) if rooms else []
    pages += [records_page(of[".jsonl"], places)] if of[".jsonl"] else []
    for page in pages:
        write_whole(folder / f"{page.name}.html", document(page, pages))
    shutil.copyfile(PLOTLY, folder / "plotly.min.js")
    for name in ("gallery.css", "gallery.js"):
        shutil.copyfile(HERE / name, folder / name)
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    size, largest = sum(sizes.values()), max(sizes, key=lambda name: sizes[name])
    figures = sum(len(page.drawings) for page in notebooks)
    if size > LIMIT:
        told_size = f"it must have at most {LIMIT / 1e6:.0f} MB, got {size / 1e6:.1f}"
        raise ValueError(f"{told_size}. Name fewer files; the largest of the site is {largest}")
    return f"{len(pages)} pages, {figures} figures, {size / 1e6:.1f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
