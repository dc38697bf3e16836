"""Colours by lightness, chroma and hue (OKLCH; Ottosson 2020, "A perceptual color space for image processing").

Equal steps of lightness look equal and keep their order in grey. On a dark page every colour has a lighter partner of the same hue.
"""

import functools
import math

import numpy as np

from games.arrays import Float64s

OKLAB_OF_CONES = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]]
)
CONES_OF_RGB = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
)
CONES_OF_OKLAB, RGB_OF_CONES = np.linalg.inv(OKLAB_OF_CONES), np.linalg.inv(CONES_OF_RGB)
DARKEST, LIGHTEST = 0.60, 0.86  # lightness on a dark page of a colour that is light, and of one that is dark, on paper


@functools.cache
def oklch(lightness: float, chroma: float, hue: float) -> str:
    """The colour as `#rrggbb`; `hue` in degrees. A chroma that screens cannot show at this lightness is lowered to one that they can."""
    for share in np.linspace(1.0, 0.0, 51):
        angle = math.radians(hue)
        lab = np.array([lightness, share * chroma * math.cos(angle), share * chroma * math.sin(angle)])
        linear = RGB_OF_CONES @ (CONES_OF_OKLAB @ lab) ** 3
        if (linear > -1e-4).all() and (linear < 1.0 + 1e-4).all():
            break
    return hex_of(linear)


def oklab(color: str) -> Float64s:
    """Lightness and the two coordinates of colour of `#rrggbb`; distances in it are differences as people see them: [3]."""
    found: Float64s = OKLAB_OF_CONES @ np.cbrt(CONES_OF_RGB @ linear_rgb(color))
    return found


def on_dark(color: str) -> str:
    """The partner of a colour on a dark page: the same hue, dark for light and light for dark, between DARKEST and LIGHTEST."""
    lightness, a, b = oklab(color).tolist()
    way = min(1.0, max(0.0, (0.75 - lightness) / 0.45))
    return oklch(round(DARKEST + (LIGHTEST - DARKEST) * way, 3), round(math.hypot(a, b), 3), round(math.degrees(math.atan2(b, a)), 1))


def linear_rgb(color: str) -> Float64s:
    """Red, green and blue of `#rrggbb` as shares of light: [3]."""
    shares = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def hex_of(linear: Float64s) -> str:
    """Shares of light as `#rrggbb`."""
    clipped = np.clip(linear, 0.0, 1.0)
    shares = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * share):02x}" for share in shares.tolist())
