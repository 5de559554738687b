"""What the site's pages have in common is the same in each."""

from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "nginx/site"
PAGES = sorted(SITE.glob("*.html"))


def lines(page, first, last):
    every = [line.replace(' aria-current="page"', "").strip() for line in page.read_text().splitlines()]
    return every[every.index(first):every.index(last) + 1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_has_the_head_and_header_of_the_others(page):
    model = SITE / "index.html"
    # What a page has of its own: the title and what the robots are told; its files; buttons in the header.
    shared = [line for line in lines(model, "<!DOCTYPE html>", "</head>")
              if not any(mark in line for mark in ("<title>", 'name="description"', "landing."))]
    shared += lines(model, "<body>", "</header>")
    rest = iter(lines(page, "<!DOCTYPE html>", "</header>"))
    assert [line for line in shared if line not in rest] == []
