import pytest

from core.domain.access import AccessScope


def test_a_scope_is_every_chat_or_some_chats() -> None:
    assert AccessScope.operator().allows(-5)
    assert AccessScope.chats([-5, 7]) == AccessScope.chats({7, -5})
    assert AccessScope.chats([-5]).allows(-5)
    assert not AccessScope.chats([-5]).allows(5)


def test_nothing_means_every_chat_by_being_left_out() -> None:
    with pytest.raises(ValueError, match="at least one"):
        AccessScope.chats([])
    with pytest.raises(ValueError, match="either"):
        AccessScope(every_chat=True, chat_ids=frozenset({1}))
    with pytest.raises(TypeError):
        AccessScope()  # type: ignore[call-arg]
