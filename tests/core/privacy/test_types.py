import pytest

from core.privacy.types import RawText


@pytest.mark.parametrize("shown", [str, repr, "{}".format, "{:>40}".format, "%s".__mod__, lambda text: f"{text!r:.9}"])
def test_raw_text_never_shows_itself(shown: object) -> None:
    assert "тайна" not in shown(RawText("тайна"))  # type: ignore[operator]
