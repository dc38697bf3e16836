"""Figures as small SVG to stand in a page: text as text, in the colours of the page's theme, whatever font the reader has.

Every text is given the width that it was laid out with, so that another font does not change the drawing.
"""

import functools
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from bench.report.plots.style import LOOKS, STYLE, lay_out

Style = dict[str, str]
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
DEFAULTS = {"stroke-dashoffset": "0", "text-anchor": "start", "opacity": "1"}
MANY = 6  # markers of one curve from which on they are written in short
NARROW = 360  # points: a figure of at most so many is legible on a phone without scrolling
USUAL_SIZE = "8px"  # of letters, as the style of the page says too
THEMED = {color.lower(): f"var(--c{number})" for number, (color, _, _) in enumerate(LOOKS) if color != "#000000"}


def inline_svg(figure: Figure, title: str, prefix: str) -> Markup:
    """A figure as an `svg` element without a size of its own; `prefix` keeps the ids of several in one page apart."""
    lay_out(figure)
    text = io.StringIO()
    with mpl.rc_context({**STYLE, "svg.hashsalt": prefix, "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)  # so that the edge of the page shows through
    root = ET.fromstring(text.getvalue())
    view = root.get("viewBox", "")
    defined = {f"#{part.get('id')}": _style(part) for part in root.iter(f"{SVG}path") if part.get("id")}
    inner = "".join(_written(child, defined) for child in root if child.tag in (f"{SVG}g", f"{SVG}defs"))
    ids = {name: f"{prefix}{number}" for number, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]*)"', inner)))}
    inner = re.sub(r'(?<=id=")[^"]*(?=")|(?<=#)[\w.-]+', lambda found: ids.get(found[0], found[0]), inner)
    width = float(view.split()[2])
    kind = ' class="narrow"' if width <= NARROW else ""
    return Markup(f'<svg{kind} role="img" aria-label="{escape(title)}" viewBox="{view}" style="--w:{width:g}">{inner}</svg>')


def _written(element: ET.Element, defined: Mapping[str, Style]) -> str:
    """An element as text, without what a reader's eye does not need: groups that only name things, comments, further digits.

    `defined`: the style of each marker, which its uses need not state again.
    """
    if not isinstance(element.tag, str) or element.tag in (f"{SVG}metadata", f"{SVG}style"):
        return ""
    tag = element.tag.removeprefix(SVG)
    children = [child for child in element if isinstance(child.tag, str)]
    inner = "".join(_written(child, defined) for child in children)
    attributes = {("href" if name == HREF else name): value for name, value in element.attrib.items() if name != "style"}
    style = _style(element)
    text = ""
    if tag == "g":
        attributes.pop("id", None)
        uses = [_style(child) for child in children if child.tag == f"{SVG}use"]
        if len(uses) > 1 and all(other == uses[0] for other in uses):
            style |= uses[0]  # once for all markers of a curve
            inner = re.sub(r'(<use [^>]*?) style="[^"]*"', r"\1", inner)
        if len(uses) >= MANY and len(children) == len(uses) and all(other == uses[0] for other in uses):
            return _markers(children, attributes, {**style})
        if len(lines := [child for child in children if child.tag == f"{SVG}text"]) > 1:
            inner = "".join(_text(line, is_fixed=True) for line in lines)
    elif tag == "use":
        known = defined.get(attributes.get("href", ""), {})
        style = {name: value for name, value in style.items() if known.get(name) != value}
    elif tag == "text" and not children:
        return _text(element, is_fixed="rotate" in attributes.get("transform", "") and "text-anchor" not in style)
    elif tag == "path" and style == {"fill": "none"} and "id" not in attributes:
        return ""  # the ground of the figure, or of its axes
    elif tag == "tspan":
        text = str(escape(element.text or ""))
    if tag in ("g", "defs") and not inner:
        return ""
    if tag == "g" and not attributes and not style:
        return inner
    return _element(tag, attributes, style, text + inner)


def _markers(uses: Sequence[ET.Element], attributes: dict[str, str], style: Style) -> str:
    """Many alike markers as one path with a marker at every corner."""
    name = uses[0].get(HREF, "")
    marker_id = f"{name[1:]}-{uses[0].get('x')}-{uses[0].get('y')}"
    shape = _element("use", {"href": name}, style, "")
    marker = _element("marker", {"id": marker_id, "markerUnits": "userSpaceOnUse", "overflow": "visible"}, {}, shape)
    corners = "L".join(f"{use.get('x')} {use.get('y')}" for use in uses)
    path = _element("path", {"d": f"M{corners}"}, {"fill": "none", "marker": f"url(#{marker_id})"}, "")
    return _element("g", attributes, {}, marker + path)


def _text(element: ET.Element, is_fixed: bool) -> str:
    """A line of text. `is_fixed`: its place is that of its beginning, though it is aligned by another, so that its width must hold."""
    text, style = element.text or "", _style(element)
    attributes = {name: value for name, value in element.attrib.items() if name != "style"}
    if place := re.fullmatch(r"translate\((\S+) (\S+)\)", attributes.get("transform", "")):
        del attributes["transform"]
        attributes |= {"x": place[1], "y": place[2]}
    size = style.pop("font-size", USUAL_SIZE).removesuffix("px")
    attributes |= {} if f"{size}px" == USUAL_SIZE else {"font-size": size}
    if "text-anchor" in style:
        attributes["text-anchor"] = style.pop("text-anchor")
    if is_fixed:
        width = _text_width(text, float(size), style.get("font-weight", "normal"))
        attributes |= {"textLength": f"{width:.1f}", "lengthAdjust": "spacingAndGlyphs"}
    return _element("text", attributes, style, str(escape(text)))


def _element(tag: str, attributes: dict[str, str], style: Style, inner: str) -> str:
    if "d" in attributes:
        attributes["d"] = re.sub(r"\s*([A-Za-z])\s*", r"\1", _rounded(" ".join(attributes["d"].split())))
    for name in ("x", "y", "transform", "width", "height"):
        if name in attributes:
            attributes[name] = _rounded(attributes[name])
    if style:
        attributes["style"] = ";".join(f"{name}:{value}" for name, value in style.items())
    start = " ".join([tag, *(f'{name}="{value}"' for name, value in attributes.items())])
    return f"<{start}>{inner}</{tag}>" if inner else f"<{start}/>"


def _style(element: ET.Element) -> Style:
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
    return found


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
