"""Makes one HTML page of a notebook: figures interactive, read offline, no request to any host.

Pictures stay in the page for readers without scripts. The page forbids itself all connections, and
an export that would need one is refused. Leaves out running the notebook: that is run.py. Formulas
are shown as they are written: nothing here typesets TeX.

    python tools/notebook/export.py NOTEBOOK --output PAGE.html [--plotly PLOTLY.MIN.JS]
"""

from __future__ import annotations

import argparse
import base64
import copy
import html
import json
import re
import sys
from pathlib import Path

from notebook_file import keep_home_clean, read_notebook, root, title_of, write_whole

plotly_type = "application/vnd.plotly.v1+json"
narrow_type = "application/vnd.factlab.narrow.v1+json"
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
  for (const [place, { data, layout, narrow }] of Object.entries(window.figures)) {
    const element = document.querySelector(`[data-figure="${place}"]`);
    const before = [...element.childNodes];
    element.replaceChildren();
    const form = structuredClone(phone.matches ? narrow : layout);
    Plotly.newPlot(element, data, form, { displayModeBar: false }).catch(() => {
      element.replaceChildren(...before);
    });
  }
}
draw();
phone.addEventListener("change", draw);
</script>
"""


def export(notebook, *, title: str, folder: Path, plotly: Path) -> str:
    """The page. Pictures that markdown cells link to are looked for from the notebook's folder."""
    from nbconvert import HTMLExporter

    notebook = copy.deepcopy(notebook)
    figures = _take_figures(notebook)
    exporter = HTMLExporter(embed_images=True)
    resources = {"metadata": {"name": title, "path": str(folder)}}
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    page = _without_scripts_and_links(page)
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">{style}'
    page = re.sub(r"(<head[^>]*>)", lambda found: found[1] + head, page, count=1)
    scripts = _scripts(figures, plotly) if figures else ""
    before, end, after = page.rpartition("</body>")
    page = before + scripts + end + after
    _check(before)
    return page


def _take_figures(notebook) -> list[dict]:
    """Puts a numbered place with a picture for each figure, and hands back the figures."""
    figures: list[dict] = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if plotly_type not in data:
                continue
            alt = html.escape("".join(data.get("text/plain", "figure")), quote=True)
            png = "".join(data.get("image/png", "").split())
            base64.b64decode(png, validate=True)
            image = f'<img alt="{alt}" src="data:image/png;base64,{png}">' if png else alt
            place = f'<div class="figure" role="img" aria-label="{alt}" data-figure="{len(figures)}">'
            output.data = {"text/html": f"{place}{image}</div>"}
            wide = data[plotly_type]
            narrow = data.get(narrow_type, {}).get("layout", wide["layout"])
            figures.append({**wide, "narrow": narrow})
    return figures


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
