# SPDX-License-Identifier: MIT
"""A curve as an SVG: a rate by a size, the size's axis in powers of ten."""

import html
import math
import re

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 560, 260, 70, 40, 34


def slug(text):
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def _size(number):
    for limit, letter in ((1000000, "M"), (1000, "k")):
        if number >= limit and number % limit == 0:
            return f"{number // limit}{letter}"
    return str(number)


def write(path, title, points):
    """points: [(size, rate)], sizes rising; 0 stands left of 1."""
    def place(size):
        return math.log10(size) if size else -0.5

    first, last = place(points[0][0]), place(points[-1][0])
    most = max(rate for _, rate in points) or 1

    def xy(size, rate):
        x = LEFT + (place(size) - first) / ((last - first) or 1) * (
            WIDTH - LEFT - 30)
        return x, HEIGHT - BOTTOM - rate / most * (HEIGHT - BOTTOM - TOP)

    line = " ".join("%.1f,%.1f" % xy(*point) for point in points)
    marks = []
    for size, rate in points:
        x, y = xy(size, rate)
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" '
            f'text-anchor="middle">{_size(size)}</text>')
    for share in (0, 0.5, 1):
        y = HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
        marks.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - 20}" stroke="#bbb" '
            f'fill="none"/><text x="{LEFT - 8}" y="{y + 4:.1f}" '
            f'text-anchor="end">{most * share:.0f}</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{HEIGHT}" font-family="sans-serif" font-size="12">\n'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
            f'<text x="{LEFT}" y="20" font-size="14">{html.escape(title)}, '
            'a second</text>\n' + "\n".join(marks) +
            f'\n<polyline points="{line}" fill="none" stroke="#1a5fb4" '
            'stroke-width="2"/>\n</svg>\n')
