"""Makes one HTML page of a notebook: figures interactive, read offline, no request to any host.

Pictures stay in the page for readers without scripts. The page forbids itself all connections, and
an export that would need one is refused. Leaves out running the notebook: that is run.py. Formulas
are shown as they are written: nothing here typesets TeX.

    python tools/notebook/export.py NOTEBOOK --output PAGE.html [--plotly PLOTLY.MIN.JS]
"""

from __future__ import annotations

import argparse
import copy
import html
import json
import re
import sys
from pathlib import Path

from forms import WIDE, drawing_of, form_of, picture_of, words_of
from notebook_file import keep_home_clean, read_notebook, root, title_of, within, write_whole
from offline import PICTURES, data_address, markdown, offline

plotly_default = root / "node_modules" / "plotly.js-dist-min" / "plotly.min.js"

policy = (
    "default-src 'none'; img-src data: blob:; font-src data:; media-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)

style = """
<style>
.figure { overflow-x: auto; }
.figure img { max-width: 100%; height: auto; }
@media (max-width: 800px) { .jp-InputPrompt, .jp-OutputPrompt { display: none !important; } }
</style>
"""

draw = """
<script>
const phone = matchMedia("(max-width: 800px)");
function draw() {
  for (const [place, { data, wide, narrow, frames }] of Object.entries(window.figures)) {
    const element = document.querySelector(`[data-figure="${place}"]`);
    const before = [...element.childNodes];
    element.replaceChildren();
    const layout = structuredClone(phone.matches ? narrow : wide);
    const config = { displayModeBar: false };
    Plotly.newPlot(element, { data, layout, frames, config }).catch(() => {
      element.replaceChildren(...before);
    });
  }
}
draw();
phone.addEventListener("change", draw);
</script>
"""


def export(notebook, *, title: str, folder: Path, plotly: Path) -> str:
    """The page. Pictures that markdown cells name are looked for from the notebook's folder."""
    from jinja2 import pass_context
    from nbconvert import HTMLExporter

    notebook = copy.deepcopy(notebook)
    texts, figures = _take_texts(notebook, folder), _take_figures(notebook, folder)
    exporter = HTMLExporter()
    rendered = pass_context(lambda context, _: texts[context["cell"].id])
    exporter.register_filter("markdown2html", rendered)
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    page = _without_scripts_and_links(page)
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">{style}'
    page = re.sub(r"(<head[^>]*>)", lambda found: found[1] + head, page, count=1)
    scripts = _scripts(figures, plotly) if figures else ""
    before, end, after = page.rpartition("</body>")
    page = before + scripts + end + after
    _check(before)
    return page


def _take_texts(notebook, folder: Path) -> dict[str, str]:
    """The text of each markdown cell as HTML, by the cell's id."""
    texts: dict[str, str] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            with within(f"cell {number}"):
                texts[cell.id] = markdown(cell.source, folder, cell.get("attachments"))
    return texts


def _take_figures(notebook, folder: Path) -> list[dict]:
    """Leaves one form of each output, and a numbered place for each figure; returns the figures."""
    figures: list[dict] = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            with within(f"cell {number}"):
                if "data" in output:
                    output.data = _one_form(output.data, folder, figures)
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("data") != {}]
    return figures


def _one_form(data: dict, folder: Path, figures: list[dict]) -> dict:
    """The bundle with the form that is shown, pictures and figures as HTML."""
    form = form_of(data)
    if form == WIDE or form in PICTURES:
        alt, picture = html.escape(words_of(data), quote=True), picture_of(data)
        image = f'<img alt="{alt}" src="{data_address(*picture)}">' if picture else alt
        if form != WIDE:
            return {"text/html": image}
        place = f'<div class="figure" role="img" aria-label="{alt}" data-figure="{len(figures)}">'
        figures.append(drawing_of(data))
        return {"text/html": f"{place}{image}</div>"}
    match form:
        case "text/html":
            return {form: offline("".join(data[form]), folder)}
        case "text/markdown":
            return {"text/html": markdown("".join(data[form]), folder)}
        case "application/json":
            return {"text/plain": json.dumps(data[form], indent=2, ensure_ascii=False)}
    return {form: data[form]} if form else {}


def _without_scripts_and_links(page: str) -> str:
    """Drops scripts, all of which serve MathJax, RequireJS or Mermaid, and links to style sheets."""
    page = re.sub(r"<script\b.*?</script\s*>", "", page, flags=re.S | re.I)
    return re.sub(r"<link\b[^>]*>", "", page, flags=re.I)


def _scripts(figures: list[dict], plotly: Path) -> str:
    source = plotly.read_text(encoding="utf-8").replace("</script", "<\\/script")
    numbered = {str(place): figure for place, figure in enumerate(figures)}
    listed = json.dumps(numbered, ensure_ascii=False).replace("<", "\\u003c")
    return f"<script>{source}</script>\n<script>window.figures = {listed};</script>{draw}"


def _check(page: str) -> None:
    """Looks for whatever a browser would fetch by itself; links that a reader may follow are fine."""
    shown = re.sub(r"<pre\b.*?</pre>", "", page, flags=re.S | re.I)
    for pattern in (
        r"""<[a-z][^>]*\s(?:src|srcset|poster|data)\s*=\s*["']?\s*(?!data:)[^"'\s>]+""",
        r"""@import\b[^;]*""",
        r"""url\(\s*["']?(?:https?:)?//[^)]*""",
    ):
        found = re.search(pattern, shown, flags=re.I)
        if found:
            raise ValueError(f"page must be read offline, got {found[0][:120]!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--plotly", type=Path, default=plotly_default)
    options = parser.parse_args()
    keep_home_clean()
    notebook = read_notebook(options.notebook)
    try:
        page = export(
            notebook,
            title=title_of(notebook, options.notebook),
            folder=options.notebook.resolve().parent,
            plotly=options.plotly,
        )
    except (OSError, ValueError) as error:
        print(f"Cannot export {options.notebook}: {error}", file=sys.stderr)
        return 1
    write_whole(options.output, page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
