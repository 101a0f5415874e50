from agent_server.execution.workplaces.fence import MOST_PLAYS, Fence


def test_the_last_play_that_began_is_the_one_that_counts() -> None:
    fence = Fence()
    assert not fence.admits("first")
    assert fence.enter("first")
    assert fence.admits("first")
    assert fence.enter("second")
    assert (fence.admits("first"), fence.admits("second")) == (False, True)


def test_after_one_play_too_many_nothing_counts() -> None:
    fence = Fence()
    tokens = [str(number) for number in range(MOST_PLAYS + 1)]
    assert [fence.enter(token) for token in tokens] == [True, True, False]
    assert not any(fence.admits(token) for token in tokens)


def test_a_play_does_not_begin_twice() -> None:
    fence = Fence()
    assert fence.enter("first")
    assert not fence.enter("first")
    assert not fence.admits("first")
