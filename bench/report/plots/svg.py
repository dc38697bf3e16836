"""Figures as small SVG: text as text, curves that a page can name, mute and read, in the colours of the page's theme or those of paper.

Every text whose place needs it is given the width that it was laid out with, so that another font does not change the drawing.

What a page finds in the SVG of `inline_svg` (bench/report/templates/figures.js is the script that uses it; without it nothing is lost
but values on hover and muting):

    g.plot      one set of axes; `data-x`, `data-y`: what its axes are, in words
    g.curve     one curve in one set of axes; `data-name`: what it shows; `data-of`: the number of its entry in the legend, the same for
                all that belongs to that entry in this svg; `data-at`: its points, with `|` between them, each `px,py,x,y,label`: the
                place in the svg's own units, the two values, and in words which point it is, where that is known
    g.part      a band or a marker; `data-of` as above
    g.sample    the sample line of an entry of a legend; `data-of` as above
    g.key       the name of an entry of a legend; `data-of` as above

Colours are variables of the svg, each `light-dark(on paper, on a dark page)`.
"""

import functools
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from bench.report.blocks import Series
from bench.report.plots.colors import on_dark
from bench.report.plots.named import Named, named_parts
from bench.report.plots.path_data import moved, shortened
from bench.report.plots.style import STYLE, lay_out

Style = dict[str, str]
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
DEFAULTS = {"stroke-dashoffset": "0", "text-anchor": "start", "opacity": "1"}
MANY = 6  # markers of one curve from which on they are written in short
NARROW = 360  # points: a figure of at most this width is legible on a phone without scrolling
USUAL_SIZE = "8px"  # of letters, as the style of the page says too
FONTS = "DejaVu Sans, Verdana, sans-serif"  # of a file that stands alone


def inline_svg(figure: Figure, title: str, prefix: str, series: Sequence[Series] = ()) -> Markup:
    """A figure as an `svg` element without a size of its own; `prefix` keeps the ids of several in one page apart.

    `series`: numbers of the figure's curves, by their names; the labels of their points are shown beside the values.
    """
    inner, view = _drawn(figure, prefix, series)
    colors: dict[str, str] = {}
    inner = re.sub(r'(?<= style=")[^"]*', lambda found: _themed(found[0], colors), inner)
    width = float(view.split()[2])
    kind = ' class="narrow"' if width <= NARROW else ""
    theme = "".join(f";--{name}:light-dark({color},{on_dark(color)})" for color, name in colors.items())
    return Markup(f'<svg{kind} role="img" aria-label="{escape(title)}" viewBox="{view}" style="--w:{width:g}{theme}">{inner}</svg>')


def standalone_svg(figure: Figure) -> str:
    """A figure as a file of its own, in the colours of paper on white."""
    inner, view = _drawn(figure, "s", None)
    _, _, width, height = view.split()
    size = f'width="{width}pt" height="{height}pt" viewBox="{view}"'
    letters = f'font-family="{FONTS}" font-size="{USUAL_SIZE.removesuffix("px")}" style="white-space:pre"'
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" {size} {letters}>{ground}{inner}</svg>\n'


def _drawn(figure: Figure, prefix: str, series: Sequence[Series] | None) -> tuple[str, str]:
    """The elements of a figure, and its view box; `series` None: without what a page needs to name curves."""
    lay_out(figure)
    text = io.StringIO()
    with (
        named_parts(figure, () if series is None else series) as parts,
        mpl.rc_context({**STYLE, "svg.hashsalt": prefix, "svg.fonttype": "none"}),
    ):
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)  # so that the edge of the page shows through
    root = ET.fromstring(text.getvalue())
    writer = _Writer(
        {f"#{part.get('id')}": _style(part) for part in root.iter(f"{SVG}path") if part.get("id")},
        {f"#{part.get('id')}": part.get("d", "") for part in root.iter(f"{SVG}path") if part.get("id")},
        {} if series is None else parts,
        {},
        is_fixed=series is None,
    )
    inner = "".join(writer.written(child) for child in root if child.tag in (f"{SVG}g", f"{SVG}defs"))
    ids = {name: f"{prefix}{number}" for number, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]*)"', inner)))}
    inner = re.sub(r'(?<= id=")[^"]*(?=")|(?<=href="#)[^"]+(?=")|(?<=url\(#)[^)]+(?=\))', lambda found: ids.get(found[0], found[0]), inner)
    return inner, root.get("viewBox", "")


class _Writer(NamedTuple):
    """How the elements of a figure are written: without what a reader's eye does not need, such as groups that only name things."""

    defined: Mapping[str, Style]  # the style of each marker, which its uses need not state again
    shapes: Mapping[str, str]  # the path data of each marker
    parts: Mapping[str, Named]  # by id, what is said of a group
    known: dict[tuple[str, ...], str]  # markers that were written already, by shape and style: their ids
    is_fixed: bool  # every text has the width that it was laid out with

    def written(self, element: ET.Element) -> str:
        """An element as text."""
        if not isinstance(element.tag, str) or element.tag in (f"{SVG}metadata", f"{SVG}style"):
            return ""
        tag, style = element.tag.removeprefix(SVG), _style(element)
        attributes = {("href" if name == HREF else name): value for name, value in element.attrib.items() if name != "style"}
        style |= {name: attributes.pop(name) for name in ("fill", "stroke") if name in attributes}
        children = [child for child in element if isinstance(child.tag, str)]
        if tag == "g":
            return self.group(element.get("id", ""), attributes, style, children)
        if tag == "text" and not children:
            return self.text(element, "rotate" in attributes.get("transform", "") and "text-anchor" not in style)
        if tag == "path" and style == {"fill": "none"} and "id" not in attributes:
            return ""  # the ground of the figure, or of its axes
        inner = "".join(map(self.written, children))
        if tag == "use":
            known = self.defined.get(attributes.get("href", ""), {})
            style = {name: value for name, value in style.items() if known.get(name) != value}
        if tag == "defs" and not inner:
            return ""
        return _element(tag, attributes, style, (str(escape(element.text or "")) if tag == "tspan" else "") + inner)

    def group(self, part: str, attributes: dict[str, str], style: Style, children: Sequence[ET.Element]) -> str:
        """A group: an axis with its ticks, markers of a curve, lines of a text, or what only holds others."""
        attributes.pop("id", None)
        if part.startswith("matplotlib.axis"):
            return self.axis(children)
        uses = [_style(child) for child in children if child.tag == f"{SVG}use"]
        is_alike = len(uses) > 1 and all(other == uses[0] for other in uses)
        if is_alike and len(uses) >= MANY and len(children) == len(uses):
            inner = self.markers(children, style | uses[0])
            return _element("g", attributes, {}, inner) if attributes else inner
        lines = [child for child in children if child.tag == f"{SVG}text"]
        inner = "".join(self.text(line, True) for line in lines) if len(lines) > 1 else "".join(map(self.written, children))
        if is_alike:
            style |= uses[0]  # once for all markers of a curve
            inner = re.sub(r'(<use [^>]*?) style="[^"]*"', r"\1", inner)
        if not inner:
            return ""
        if said := self.parts.get(part):
            attributes |= {"class": said.kind} | {key: str(escape(value)) for key, value in said.attributes.items()}
        return _element("g", attributes, style, inner) if attributes or style else inner

    def markers(self, uses: Sequence[ET.Element], style: Style) -> str:
        """Many alike markers as one path with a marker at every corner; a marker that an earlier curve has too is not written again."""
        name = uses[0].get(HREF, "")
        is_new = (known := (name, *_entries(style))) not in self.known
        marker_id = self.known.setdefault(known, f"marker-{len(self.known)}")
        shape = _element("use", {"href": name}, style, "")
        marker = _element("marker", {"id": marker_id, "markerUnits": "userSpaceOnUse", "overflow": "visible"}, {}, shape) if is_new else ""
        corners = " L ".join(f"{use.get('x')} {use.get('y')}" for use in uses)
        return marker + _element("path", {"d": f"M {corners}"}, {"fill": "none", "marker": f"url(#{marker_id})"}, "")

    def axis(self, children: Sequence[ET.Element]) -> str:
        """The grid of an axis as one path, its ticks as one path of each kind, then its texts."""
        lines: dict[tuple[str, ...], list[str]] = {}
        texts = []
        for part, is_line in _parts_of_axis(children, False):
            if part.tag == f"{SVG}use":
                name = part.get(HREF, "")
                mark = moved(self.shapes[name], float(part.get("x", 0)), float(part.get("y", 0)))
                lines.setdefault(("", *_entries(self.defined[name] | _style(part))), []).append(mark)
            elif part.tag == f"{SVG}path" and not part.get("id"):
                lines.setdefault((part.get("clip-path", ""), *_entries(_style(part))), []).append(part.get("d", ""))
            elif part.tag in (f"{SVG}g", f"{SVG}text"):
                texts.append(self.text(part, True) if is_line else self.written(part))
        paths = [
            _element(
                "path", {"d": " ".join(data)} | ({"clip-path": clip} if clip else {}), dict(entry.split(":", 1) for entry in entries), ""
            )
            for (clip, *entries), data in lines.items()
        ]
        return "".join([*paths, *texts])

    def text(self, element: ET.Element, is_fixed: bool) -> str:
        """A line of text. `is_fixed`: its place is that of its beginning, though it is aligned by another, so that its width must hold."""
        text, style = element.text or "", _style(element)
        attributes = {name: value for name, value in element.attrib.items() if name != "style"}
        if place := re.fullmatch(r"translate\((\S+) (\S+)\)", attributes.get("transform", "")):
            del attributes["transform"]
            attributes |= {"x": place[1], "y": place[2]}
        elif attributes.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
            del attributes["transform"]
        size = style.pop("font-size", USUAL_SIZE).removesuffix("px")
        attributes |= {} if f"{size}px" == USUAL_SIZE else {"font-size": size}
        if "text-anchor" in style:
            attributes["text-anchor"] = style.pop("text-anchor")
        if is_fixed or self.is_fixed:
            width = _text_width(text, float(size), style.get("font-weight", "normal"))
            attributes |= {"textLength": f"{width:.1f}", "lengthAdjust": "spacingAndGlyphs"}
        return _element("text", attributes, style, str(escape(text)))


def _parts_of_axis(children: Iterable[ET.Element], is_line: bool) -> Iterator[tuple[ET.Element, bool]]:
    """Lines, ticks, texts and, whole, mathematics of an axis; and whether each is a line of a text of several."""
    for child in children:
        if child.tag == f"{SVG}g" and "transform" not in child.attrib:
            yield from _parts_of_axis(child, len(child.findall(f"{SVG}text")) > 1)
        elif child.tag == f"{SVG}defs":
            yield from _parts_of_axis(child, False)
        elif isinstance(child.tag, str):
            yield child, is_line


def _entries(style: Style) -> tuple[str, ...]:
    return tuple(f"{name}:{value}" for name, value in style.items())


def _element(tag: str, attributes: dict[str, str], style: Style, inner: str) -> str:
    if "d" in attributes:
        attributes["d"] = shortened(attributes["d"])
    for name in ("x", "y", "width", "height", "transform"):
        if name in attributes:
            attributes[name] = _rounded(attributes[name])
    if style:
        attributes["style"] = ";".join(_entries(style))
    start = " ".join([tag, *(f'{name}="{value}"' for name, value in attributes.items())])
    return f"<{start}>{inner}</{tag}>" if inner else f"<{start}/>"


def _style(element: ET.Element) -> Style:
    """The style of an element."""
    found: dict[str, str] = {}
    for entry in element.get("style", "").split(";"):
        name, _, value = (part.strip() for part in entry.partition(":"))
        if name == "font":  # a shorthand that names the font too
            for word in value.partition("px")[0].split():
                found |= {"font-weight": word} if word in ("bold", "700") else {}
            found["font-size"] = f"{re.search(r'([0-9.]+)px', value)[1]}px"  # type: ignore[index]
        elif name and name != "font-family" and DEFAULTS.get(name) != value:
            found[name] = value
    return found


def _themed(style: str, colors: dict[str, str]) -> str:
    """A style in the colours of the page: black is ink, white the page, greys are thin ink; any other a variable, named in `colors`."""

    def themed(found: re.Match[str]) -> str:
        name, color = found[1], found[2].lower()
        red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        if not red == green == blue:
            return f"{name}:var(--{colors.setdefault(color, f'k{len(colors)}')})"
        if red == 1:
            return f"{name}:var(--paper)"
        return f"{name}:currentColor" + (f";{name}-opacity:{1 - red:.2g}" if red else "")

    return re.sub(r"\b(fill|stroke): ?(#[0-9a-fA-F]{6})\b", themed, style)


def _rounded(text: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0").replace("-0.0", "0"), text)


@functools.cache
def _text_width(text: str, size: float, weight: str) -> float:
    """The width of a text in the font that figures are laid out with, in points."""
    font = FontProperties(family=STYLE["font.family"], size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width)
