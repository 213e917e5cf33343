"""HTML of a notebook that is read offline: its pictures are put into it, and what a browser would
fetch by itself is refused.

A picture is attached to its markdown cell or lies in the notebook's folder. What a script fetches
while it runs is not seen here: the policy of the page stops it. Leaves out which form of an output
is shown: that is forms.py.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Kinds of pictures, the best first, and how their files end.
PICTURES = {
    "image/svg+xml": (".svg",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
}
_kinds = {ending: kind for kind, endings in PICTURES.items() for ending in endings}
_fetched = ("src", "srcset", "srcdoc", "poster", "data", "background")
_links = ("href", "xlink:href")
_style = re.compile(r"""@import[^;]*|url\(\s*["']?(?!\s*["']?(?:data:|#))[^)]*""", re.I)
WAY_OUT = "Save it there, or drag it into the cell"


def markdown(text: str, folder: Path, attachments: dict | None = None) -> str:
    """Markdown as HTML that is read offline."""
    from mistune import HTMLRenderer
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        # Jupyter's own way with pictures leaves those it cannot find as they are.
        image = HTMLRenderer.image

    rendered = MarkdownWithMath(renderer=Renderer(escape=False)).render(text)
    # Code may be wider than the page: it is moved by keyboard too.
    reachable = rendered.replace("<pre>", '<pre tabindex="0">')
    return offline(reachable, folder, attachments)


def offline(text: str, folder: Path, attachments: dict | None = None) -> str:
    """The HTML with its pictures in it; a ValueError names what else a browser would fetch."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "html.parser")
    pictures = False
    for tag in soup.find_all(True):
        style = _style.search(f"{tag.get('style', '')} {tag.string if tag.name == 'style' else ''}")
        if style:
            raise ValueError(f"style must be read offline, got {style[0][:80]}. Use data: in it")
        for name in (*_fetched, *(() if tag.name in ("a", "area") else _links)):
            source = str(tag.get(name, "")).strip()
            if not source or source.startswith(("data:", "#")):
                continue
            if (tag.name, name) != ("img", "src"):
                told = f"<{tag.name}> must be read offline, got {name}={source[:80]!r}"
                raise ValueError(f"{told}. Show a picture instead")
            tag["src"] = _picture(source, folder, attachments or {})
            pictures = True
    return str(soup) if pictures else text


def _picture(source: str, folder: Path, attachments: dict) -> str:
    """The picture that markdown names, as a data: address."""
    if source.startswith("attachment:"):
        forms = attachments.get(unquote(source.removeprefix("attachment:")), {})
        kind = next((kind for kind in PICTURES if kind in forms), None)
        if kind is None:
            raise ValueError(f"picture must be attached, got {source}. Drag it into the cell again")
        return data_address(kind, picture_bytes(kind, forms[kind]))
    address = urlsplit(source)
    if address.scheme or address.netloc:
        raise ValueError(f"picture must be in the notebook's folder, got {source}. {WAY_OUT}")
    path = Path(os.path.realpath(folder / unquote(address.path)))
    if not path.is_relative_to(os.path.realpath(folder)):
        raise ValueError(f"picture must be in the notebook's folder, got {source}. {WAY_OUT}")
    kind = _kinds.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"picture must end in {', '.join(_kinds)}, got {source}. Convert it")
    try:
        return data_address(kind, path.read_bytes())
    except OSError as error:
        raise ValueError(f"picture {source} must be readable: {error.strerror}. {WAY_OUT}") from None


def picture_bytes(kind: str, text: str | list[str]) -> bytes:
    """A picture as notebooks hold it: in base64, or a drawing as it is."""
    content = "".join(text)
    if kind == "image/svg+xml" and content.lstrip().startswith("<"):
        return content.encode()
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{kind} must be base64, got {content[:40]!r}. Run the notebook") from None


def data_address(kind: str, content: bytes) -> str:
    """An address that holds the picture itself."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
