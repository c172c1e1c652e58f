"""A block of small pictures for a notebook, as one JPEG: a PNG would be ten times larger."""

import base64
import html
import io

import numpy as np
from IPython import display
from PIL import Image

__all__ = ["picture_html", "show_pictures"]

QUALITY = 72
GAP_PX = 2


def show_pictures(images: np.ndarray, columns: int, alt: str, *, enlarge: int = 1) -> display.HTML:
    """Lay pictures out row by row.

    Parameters
    ----------
    images : uint8 array (n, height, width, 3)
    columns : int
    alt : str
        What there is to see, for readers who do not see it.
    enlarge : int
        Pixels for each pixel.

    Returns
    -------
    IPython.display.HTML
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3 or len(images) == 0:
        raise ValueError(
            f"pass uint8 pictures (n, height, width, 3), not {images.dtype} {images.shape}"
        )
    count, height, width, _ = images.shape
    rows = -(-count // columns)
    block = np.full((rows, columns, height + GAP_PX, width + GAP_PX, 3), 255, np.uint8)
    for i, image in enumerate(images):
        block[i // columns, i % columns, :height, :width] = image
    block = block.swapaxes(1, 2).reshape(rows * (height + GAP_PX), columns * (width + GAP_PX), 3)
    sheet = Image.fromarray(block)
    if enlarge > 1:
        sheet = sheet.resize(
            (sheet.width * enlarge, sheet.height * enlarge), Image.Resampling.BICUBIC
        )
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=QUALITY)
    return display.HTML(picture_html(file.getvalue(), "jpeg", alt))


def picture_html(data: bytes, kind: str, alt: str) -> str:
    """A picture as HTML: JupyterLab and its export drop the text of a picture that comes alone."""
    encoded = base64.b64encode(data).decode("ascii")
    source = f"data:image/{kind};base64,{encoded}"
    return f'<img src="{source}" alt="{html.escape(alt)}" style="max-width: 100%">'
