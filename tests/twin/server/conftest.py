"""One server for the tests that only read; others open their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.twin.server.site import Site, site_in


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    with site_in(tmp_path_factory.mktemp("site")) as opened:
        yield opened
