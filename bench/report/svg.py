"""Figures as small SVG to stand in a page: text as text, in the colours of the page's theme, whatever font the reader has.

Every text is given the width that it was laid out with, so that another font does not change the drawing.
"""

import functools
import io
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from bench.report.plots import LOOKS, STYLE, lay_out

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
DEFAULTS = {"stroke-dashoffset": "0", "text-anchor": "start", "opacity": "1"}
INHERITED = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "fill-opacity", "stroke-opacity")
THEMED = {color.lower(): f"var(--c{number})" for number, (color, _, _) in enumerate(LOOKS) if color != "#000000"}


def inline_svg(figure: Figure, name: str, title: str) -> Markup:
    """A figure as an `svg` element without a size of its own; `name` keeps the ids of several in one page apart."""
    lay_out(figure)
    text = io.StringIO()
    with mpl.rc_context({**STYLE, "svg.hashsalt": name, "svg.fonttype": "none", "path.simplify_threshold": 0.5}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    root = ET.fromstring(text.getvalue())
    view = root.get("viewBox", "")
    inner = "".join(_written(child) for child in root if child.tag in (f"{SVG}g", f"{SVG}defs"))
    width = float(view.split()[2])
    return Markup(f'<svg role="img" aria-label="{escape(title)}" viewBox="{view}" style="--w:{width:g}">{inner}</svg>')


def _written(element: ET.Element) -> str:
    """An element as text, without what a reader's eye does not need: groups that only name things, comments, further digits."""
    if not isinstance(element.tag, str) or element.tag in (f"{SVG}metadata", f"{SVG}style"):
        return ""
    tag = element.tag.removeprefix(SVG)
    attributes, style = _attributes(element, tag)
    children = [child for child in element if isinstance(child.tag, str)]
    inner = "".join(_written(child) for child in children)
    if tag == "g":
        attributes.pop("id", None)
        if len(children) > 1 and len(styles := {_style(child) for child in children if child.tag == f"{SVG}use"}) == 1:
            style |= dict(styles.pop())  # once for all markers of a curve
            inner = re.sub(r'(<use [^>]*?) style="[^"]*"', r"\1", inner)
    text = str(escape(element.text)) if tag == "tspan" or (tag == "text" and not children) else ""
    if style:
        attributes["style"] = ";".join(f"{name}:{value}" for name, value in style.items())
    if tag in ("g", "defs") and not inner:
        return ""
    if tag == "g" and not attributes:
        return inner
    start = " ".join([tag, *(f'{name}="{value}"' for name, value in attributes.items())])
    return f"<{start}>{text}{inner}</{tag}>" if text or inner else f"<{start}/>"


def _attributes(element: ET.Element, tag: str) -> tuple[dict[str, str], dict[str, str]]:
    """Attributes and style of an element, shortened."""
    found = {("href" if name == HREF else name): value for name, value in element.attrib.items() if name != "style"}
    style = dict(_style(element))
    if "d" in found:
        found["d"] = re.sub(r"\s*([A-Za-z])\s*", r"\1", _rounded(" ".join(found["d"].split())))
    for name in ("x", "y", "transform"):
        if name in found:
            found[name] = _rounded(found[name])
    if tag == "text" and element.text and element.text.strip():
        size = float(style.get("font-size", "10px").removesuffix("px"))
        width = _text_width(element.text, size, style.get("font-weight", "normal"))
        found |= {"textLength": f"{width:.1f}", "lengthAdjust": "spacingAndGlyphs"}
    return found, style


def _style(element: ET.Element) -> tuple[tuple[str, str], ...]:
    """The style of an element in the colours of the page."""
    found: dict[str, str] = {}
    for entry in element.get("style", "").split(";"):
        name, _, value = (part.strip() for part in entry.partition(":"))
        if name == "font":  # a shorthand that names the font too
            for word in value.partition("px")[0].split():
                found |= {"font-weight": word} if word in ("bold", "700") else {}
            found["font-size"] = f"{re.search(r'([0-9.]+)px', value)[1]}px"  # type: ignore[index]
        elif name and name != "font-family" and DEFAULTS.get(name) != value:
            found |= _themed(name, value) if name in ("fill", "stroke") else {name: value}
    return tuple(found.items())


def _themed(name: str, color: str) -> dict[str, str]:
    """A colour of paper as the theme's: black is ink, white the page, greys are thin ink."""
    color = color.lower()
    if color in THEMED or not color.startswith("#"):
        return {name: THEMED.get(color, color)}
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    if red == green == blue:
        grey = red / 255
        thin = {} if grey == 0 else {f"{name}-opacity": f"{1 - grey:.2g}"}
        return {name: "var(--paper)"} if grey == 1 else {name: "currentColor", **thin}
    return {name: color}


def _rounded(text: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0").replace("-0.0", "0"), text)


@functools.cache
def _text_width(text: str, size: float, weight: str) -> float:
    """The width of a text in the font that figures are laid out with, in points."""
    font = FontProperties(family=STYLE["font.family"], size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width)
