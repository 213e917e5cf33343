"""Which of an output's forms is shown: the first that a page can show offline.

A figure of Plotly is drawn by the page; without a picture its words stand in until then. Leaves out
how forms are put into a page: that is for export.py and the gallery.
"""

from __future__ import annotations

from offline import PICTURES, picture_bytes

WIDE = "application/vnd.plotly.v1+json"
NARROW = "application/vnd.factlab.narrow.v1+json"
TEXTS = ("text/html", "text/markdown", "text/latex", "application/json", "text/plain")
# They live with a kernel or a site only; the text beside them says as much.
_aside = {
    NARROW,
    "application/vnd.google.colaboratory.intrinsic+json",
    "application/vnd.jupyter.widget-view+json",
}
# Plotly asks a host for the map below these.
_maps = {
    "choropleth", "choroplethmap", "choroplethmapbox", "densitymap", "densitymapbox",
    "scattergeo", "scattermap", "scattermapbox",
}  # fmt: skip


def form_of(data: dict) -> str | None:
    """The kind that is shown, None for nothing; a ValueError names what cannot be shown."""
    kinds = [WIDE, *PICTURES, *TEXTS]
    if WIDE in data and _lack(data[WIDE]):
        kinds.remove(WIDE)
    form = next((kind for kind in kinds if kind in data), None)
    unshown = sorted(set(data) - set(kinds) - _aside)
    if form in (None, "text/plain") and unshown:
        why = f" with {_lack(data[WIDE])}" if WIDE in unshown else ""
        raise ValueError(
            f"output must be text, HTML, a picture or a figure of Plotly that is drawn offline, got "
            f"{', '.join(unshown)}{why}. Show it as image/png or image/svg+xml as well"
        )
    return form


def picture_of(data: dict) -> tuple[str, bytes] | None:
    """The best of the output's pictures: its kind and its bytes."""
    kind = next((kind for kind in PICTURES if kind in data), None)
    return None if kind is None else (kind, picture_bytes(kind, data[kind]))


def drawing_of(data: dict) -> dict:
    """What a page draws of a figure of Plotly, of any library: traces, and a layout for two widths."""
    figure = data[WIDE]
    layout = figure.get("layout") or {}
    # Without a layout for phones it takes the width there is.
    narrow = {key: value for key, value in layout.items() if key != "width"}
    # A figure's menus are the same at any width, and are held once.
    menus = {key: layout[key] for key in ("updatemenus",) if key in layout}
    frames = {"frames": figure["frames"]} if figure.get("frames") else {}
    return {
        "data": figure["data"],
        "wide": layout,
        "narrow": menus | data.get(NARROW, {}).get("layout", narrow),
        **frames,
    }


def words_of(data: dict) -> str:
    """What an output says of itself in a line, or its title: many lines are its insides."""
    text = "".join(data.get("text/plain", "")).strip()
    if text and "\n" not in text:
        return text
    layout = data.get(WIDE, {}).get("layout") or {}
    title = layout.get("title") or ""
    return str((title.get("text") if isinstance(title, dict) else title) or "Figure")


def _lack(figure: object) -> str | None:
    """What keeps the figure from being drawn offline."""
    match figure:
        case {"data": [*traces], **rest} if all(isinstance(trace, dict) for trace in traces):
            layout = rest.get("layout") or {}
        case _:
            return "no list of traces"
    if not isinstance(layout, dict):
        return "no layout"
    for side in ("width", "height"):
        if not isinstance(layout.get(side) or 0, (int, float)):
            return f"no number of pixels for its {side}"
    for key in ("annotations", "images"):
        entries = layout.get(key) or []
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            return f"no list of {key}"
    maps = _maps & {str(trace.get("type")) for trace in traces}
    if maps:
        return f"a map from a host ({', '.join(sorted(maps))})"
    for image in layout.get("images") or []:
        if not str(image.get("source", "")).startswith("data:"):
            return f"a picture from {image.get('source')}"
    return None
