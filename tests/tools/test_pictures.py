"""The pictures in the pages: each is there, is made by the script, and is small."""

import re
from pathlib import Path

import pytest

from tools.pictures import FOLDER, MOST_BYTES, PICTURES, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [
    pytest.param(page, alt, place, id=f"{page.relative_to(ROOT)}-{place}")
    for page in PAGES
    for alt, place in re.findall(r"!\[([^\]]*)\]\(([^)\s]+\.png)\)", page.read_text())
]


@pytest.mark.parametrize(("page", "alt", "place"), SHOWN)
def test_every_picture_in_a_page_is_one_that_the_script_takes(page: Path, alt: str, place: str) -> None:
    picture = (page.parent / place).resolve()
    assert picture.parent == FOLDER
    assert picture.is_file()
    assert picture.stem in PICTURES
    assert len(alt) > 20, "who cannot see it wants to know what it shows"


def test_every_picture_that_the_script_takes_is_there_small_and_shown() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"{name}.png" for name in PICTURES}
    assert all(file.stat().st_size <= MOST_BYTES for file in FOLDER.iterdir())
    assert {Path(param.values[2]).stem for param in SHOWN if isinstance(param.values[2], str)} == PICTURES.keys()
