"""Pictures of any size, as the workbook's models take them: 96 x 96 pixels, uint8."""

import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

__all__ = ["SIDE_px", "from_file", "square"]

SIDE_px = 96
LARGEST_FILE_BYTES = 20_000_000


def square(image: Image.Image | np.ndarray, side_px: int = SIDE_px) -> np.ndarray:
    """The largest square in the middle, scaled.

    Parameters
    ----------
    image : PIL image, or uint8 array (height, width, 3 or 4)
    side_px : int

    Returns
    -------
    uint8 array (side_px, side_px, 3)
    """
    if not isinstance(image, Image.Image):
        image = Image.fromarray(np.asarray(image, np.uint8))
    fitted = ImageOps.fit(image.convert("RGB"), (side_px, side_px), Image.Resampling.BOX)
    return np.array(fitted)


def from_file(content: bytes, side_px: int = SIDE_px) -> np.ndarray:
    """The middle square of a picture file, turned as its camera was held.

    Raises
    ------
    ValueError
        When it is no picture that can be read, or too large; says what to do.
    """
    if len(content) > LARGEST_FILE_BYTES:
        limit = LARGEST_FILE_BYTES // 1_000_000
        raise ValueError(f"this file is larger than {limit} MB; save a smaller copy")
    try:
        with Image.open(io.BytesIO(content)) as image:
            return square(ImageOps.exif_transpose(image), side_px)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError("this is no picture that can be read; save it as PNG or JPEG") from error
