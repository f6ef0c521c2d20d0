"""A figure into a file: svg, png or pdf."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from minilateral.errors import BadInput
from minilateral.evidence.exports import write_whole
from minilateral.figures.style import settings

FORMATS = ("svg", "png", "pdf")

#: Fonts with Chinese letters that systems have; the first that is there is used.
CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
)


def save(figure: Any, path: Path) -> None:
    """Write a figure, whole or not at all; in an SVG text stays text, so the reader's fonts write it.

    Raises
    ------
    BadInput
        Another format; or a png or pdf with Chinese letters on a system without a font for them.
    """
    import matplotlib as mpl
    from matplotlib import font_manager

    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise BadInput(str(path), "is of no kind that we draw", f"end it in one of {', '.join(FORMATS)}")
    rules = settings(path.stem)
    if kind != "svg":
        have = {f.name for f in font_manager.fontManager.ttflist}
        cjk = [name for name in CJK_FONTS if name in have]
        if not cjk and _is_cjk(figure):
            raise BadInput(
                str(path), "needs a font with Chinese letters, and this system has none", "write an svg, or --lang en"
            )
        for text in _texts(figure):
            text.set_fontfamily([*rules["font.family"], *cjk])
    buffer = io.BytesIO()
    with mpl.rc_context(rules), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {}
        if kind == "pdf":
            metadata = {"CreationDate": None}
        figure.savefig(buffer, format=kind, dpi=200, metadata=metadata)
    write_whole(path, buffer.getvalue())


def _texts(figure: Any) -> list[Any]:
    from matplotlib.text import Text

    return list(figure.findobj(Text))


def _is_cjk(figure: Any) -> bool:
    return any(ord(letter) > 0x2E7F for text in _texts(figure) for letter in text.get_text())
