"""Pictures of one's own as squares of one size, whatever the files have."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps


def read_picture(path: Path, width: int) -> np.ndarray:
    """The middle square of a picture, upright as its camera meant it.

    Parameters
    ----------
    path : Path
        Of any size and colours.
    width : int
        Pixels of a side.

    Returns
    -------
    ndarray of uint8, shape (width, width, 3), sRGB

    Raises
    ------
    ValueError
        It cannot be read.
    """
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
            square = ImageOps.fit(upright, (width, width), Image.Resampling.BOX)
            return np.asarray(square)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        remedy = "replace or remove it"
        raise ValueError(f"{path} is not a picture that can be read: {remedy}") from error
