"""The moving picture of README.md, recorded from a notebook in JupyterLab and a real Chromium.

    python -m docs.moving_picture           # writes docs/moving_picture.webp, in a minute or two

The notebook runs whole, as a student runs it. Then a guess is made, and the explorer of what was
measured is moved by a mouse; nothing of what is seen is drawn by this program but the pointer.
Needs Chromium, as the browser tests do.
"""

import io
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from tests.browser import conftest as jupyter
from tinylab.files import replacing
from tinylab.paths import PROJECT

NOTEBOOK = PROJECT / "notebooks" / "00_start_here.ipynb"
PICTURE = Path(__file__).with_suffix(".webp")
GUESS = "50"  # words of a hundred, in noise as strong as they are
STOPS = (0.5, 0.0, 1.0)  # where the slider is pulled to, in turn, as shares of its length
SCREEN = {"width": 930, "height": 900}
FRAME = (764, 590)  # the part of the screen that is photographed
STEP_ms, READ_ms = 90, 1600
PLAYS = 3  # what moves without end keeps readers from the words beside it
MOST_BYTES = 600_000
POINTER = ((0, 0), (0, 16), (4, 12), (7, 19), (10, 18), (7, 11), (12, 11))


@dataclass
class Film:
    """Photographs of one part of a page, each with the milliseconds that it stands."""

    page: object
    left: float
    top: float = 0.0
    mouse: tuple[float, float] = (0.0, 0.0)
    frames: list = field(default_factory=list)
    times_ms: list = field(default_factory=list)

    def photograph(self, stands_ms: int = STEP_ms) -> None:
        """Take one frame, with the pointer where the mouse is."""
        area = {"x": self.left, "y": self.top, "width": FRAME[0], "height": FRAME[1]}
        frame = Image.open(io.BytesIO(self.page.screenshot(clip=area))).convert("RGB")
        x, y = self.mouse[0] - self.left, self.mouse[1] - self.top
        outline = [(x + dx, y + dy) for dx, dy in POINTER]
        ImageDraw.Draw(frame).polygon(outline, fill="black", outline="white")
        self.frames.append(frame)
        self.times_ms.append(stands_ms)

    def move(self, to: tuple[float, float], steps: int = 6, settle_ms: int = 0) -> None:
        """Take the mouse there, and a frame at every step."""
        (x0, y0), (x1, y1) = self.mouse, to
        for step in range(1, steps + 1):
            self.mouse = (x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps)
            self.page.mouse.move(*self.mouse)
            self.page.wait_for_timeout(settle_ms)
            self.photograph()

    def click(self, what) -> None:
        """Go to a control and press it."""
        self.move(_middle(what))
        self.page.mouse.down()
        self.page.mouse.up()
        self.page.wait_for_timeout(500)

    def drag(self, slider, to: float, steps: int) -> None:
        """Pull a slider from where it stands to a share of its length; the figure follows."""
        self.move(_thumb(slider))
        self.page.mouse.down()
        box = slider.bounding_box()
        self.move((box["x"] + box["width"] * to, _middle(slider)[1]), steps, settle_ms=300)
        self.page.mouse.up()

    def write(self, path: Path) -> None:
        """All frames as one animated WebP."""
        with replacing(path) as temporary:
            self.frames[0].save(
                temporary,
                format="WEBP",
                save_all=True,
                append_images=self.frames[1:],
                duration=self.times_ms,
                loop=PLAYS,
                quality=70,
                method=6,
            )


def _middle(what) -> tuple[float, float]:
    box = what.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _thumb(slider) -> tuple[float, float]:
    """Where a slider's handle is."""
    share = slider.evaluate("s => (s.value - s.min) / (s.max - s.min)")
    box = slider.bounding_box()
    return box["x"] + 8 + (box["width"] - 16) * share, _middle(slider)[1]


def act(page) -> Film:
    """Make a guess, move the explorer of what was measured, and read how far off the guess was."""
    form = page.locator(".tinylab-question").first
    explorer = page.locator(".tinylab-explorer").first
    verdict = page.locator(".tinylab-verdict").first
    notebook = page.locator(".jp-WindowedPanel-outer").bounding_box()
    film = Film(page, left=explorer.bounding_box()["x"] - 10, top=notebook["y"])
    film.mouse = film.left + 500, film.top + 400
    _scroll_to(form)
    film.photograph(READ_ms)
    film.click(form.get_by_role("spinbutton"))
    for key in GUESS:
        page.keyboard.press(key)
        film.photograph(2 * STEP_ms)
    film.click(form.get_by_role("button"))
    film.photograph(READ_ms)
    _scroll_to(explorer)
    film.photograph(READ_ms)
    for share in STOPS:
        film.drag(explorer.get_by_role("slider").first, share, steps=10)
        film.photograph(READ_ms)
    verdict.evaluate("it => it.scrollIntoView({ block: 'end' })")
    page.mouse.wheel(0, SCREEN["height"] - FRAME[1])  # what is below the frame is not seen
    page.wait_for_timeout(1500)
    film.photograph(2 * READ_ms)
    return film


def _scroll_to(what) -> None:
    what.evaluate("it => it.scrollIntoView({ block: 'start' })")
    what.page.wait_for_timeout(1500)


def record() -> Film:
    """Run the notebook in JupyterLab, and act."""
    from playwright.sync_api import sync_playwright

    if (chromium := jupyter.find_browser()) is None:
        sys.exit("There is no Chromium on this computer: install it (apt-get install chromium).")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder) / "root"
        root.mkdir()
        shutil.copy(NOTEBOOK, root)
        with jupyter.running_lab(root, Path(folder) / "private") as lab:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=list(jupyter.BROWSER_SWITCHES)
            )
            page = browser.new_context(viewport=SCREEN).new_page()
            page.set_default_timeout(jupyter.PATIENCE_MS)
            jupyter.open_notebook(page, lab, NOTEBOOK.name)
            page.keyboard.press("Control+B")  # the list of files would take a third of the width
            jupyter.run_all(page, timeout_s=900)
            film = act(page)
            browser.close()
    return film


def main() -> None:
    film = record()
    film.write(PICTURE)
    size, seconds = PICTURE.stat().st_size, sum(film.times_ms) / 1000
    print(f"{PICTURE}: {len(film.frames)} frames, {seconds:.0f} s, {size:,} bytes")
    if size > MOST_BYTES:
        sys.exit(f"that is more than {MOST_BYTES:,} bytes: take fewer frames")


if __name__ == "__main__":
    main()
