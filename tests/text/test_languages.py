"""Which codes of a language fit each other."""

import pytest

from nmt.text.languages import fit


@pytest.mark.parametrize(
    ("asked", "there", "how"),
    [
        ("en", "en", 2), ("en", "EN", 2), ("en-US", "en_us", 2), ("eng", "en", 2), ("ger", "de", 2),
        ("en", "en-US", 1), ("en-US", "en", 1), ("deu", "de-CH", 1), ("zh-TW", "zh-Hant-TW", 1),
        ("sr", "sr-Latn-RS", 1),
        ("en-GB", "en-US", 0), ("zh-Hans", "zh-Hant", 0), ("en", "de", 0),
        ("en", "enm", 0), ("en", "", 0), ("", "en", 0),
    ],
)  # fmt: skip
def test_codes_fit_with_and_without_region(asked: str, there: str, how: int) -> None:
    assert fit(asked, there) == how
    assert fit(there, asked) == how or not there
