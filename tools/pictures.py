"""The pictures of the page, taken anew from the story of `routee-mock demo --page`: `make pictures`.

Each is what a browser shows after a few keys, so none can show what is not there.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from mockserver import logs
from mockserver.cli import story
from mockserver.client import Flow, Sandbox, Server
from mockserver.server import running
from mockserver.settings import LogFormat
from tools.browser import browsing

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"

MOST_BYTES = 200_000
"""The most bytes of a picture."""

COLOURS = 255
"""How many colours a picture has: the most frequent ones. A mean of several would make orange of the red of a failure.
"""

WIDTH = 1560
"""Pixels of the window, so that the whole story fits."""

STILL = 500
"""Real milliseconds in which the page draws what it heard."""


def call(sandbox: Sandbox, flow: Flow) -> None:
    """Viber ran out, the phone was off, and now it rings."""
    sandbox.clock.just_after_ttl(flow)
    sandbox.push("Undelivered", flow)
    sandbox.push("Ringing", flow)


def end(sandbox: Sandbox, _: Flow) -> None:
    """Everything happens as the number says."""
    sandbox.clock.until_idle()


def nothing(*_: Any) -> None:
    """The story has begun, and no more."""


class Picture(NamedTuple):
    """A picture: what happens first, the keys that are pressed then, where the page is opened, and how."""

    tells: Callable[[Sandbox, Flow], None]
    keys: tuple[str, ...] = ()
    place: str = ""
    theme: str = "light"
    height: int = 860


PICTURES = {
    "call": Picture(call, theme="dark"),
    "story": Picture(end),
    "test": Picture(end, place="?tab=test", height=1_420),
    "compose": Picture(nothing, keys=("c",)),
}
"""Every picture by its name."""


@contextmanager
def told(picture: Picture) -> Iterator[str]:
    """A server on which the story of a picture has happened; the URL of its page."""
    with running(story.settings()) as reached, Server(reached.url) as server:
        sandbox = server.sandbox()
        picture.tells(sandbox, story.begin(sandbox))
        yield f"{reached.url}/_mock/ui/#/default{picture.place}"


def take(browser: Any, picture: Picture) -> bytes:
    """Take a picture. Return it as it comes, a PNG."""
    with told(picture) as url:
        window = {"width": WIDTH, "height": picture.height}
        context = browser.new_context(viewport=window, color_scheme=picture.theme, reduced_motion="reduce")
        page = context.new_page()
        page.goto(url)
        page.locator(".phone").wait_for()
        for key in picture.keys:
            page.keyboard.press(key)
        page.wait_for_timeout(STILL)
        shot = bytes(page.screenshot())
        context.close()
    return shot


def small(shot: bytes) -> bytes:
    """The same picture with fewer colours, and much smaller."""
    from PIL import Image

    image = Image.open(BytesIO(shot)).convert("RGB")
    out = BytesIO()
    raw = image.tobytes()
    seen = Counter(zip(raw[::3], raw[1::3], raw[2::3], strict=True)).most_common(COLOURS)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour, _ in seen for part in colour])
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    """Take every picture anew."""
    logs.configure(LogFormat.TEXT, "error")
    FOLDER.mkdir(exist_ok=True)
    with browsing() as browser:
        for name, picture in PICTURES.items():
            taken = small(take(browser, picture))
            if len(taken) > MOST_BYTES:
                sys.exit(f"{name} has {len(taken)} bytes, more than {MOST_BYTES}")
            (FOLDER / f"{name}.png").write_bytes(taken)


if __name__ == "__main__":
    main()
