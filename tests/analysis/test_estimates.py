"""Minutes and costs: as declared, else as earlier runs went, else by the task's tier."""

import pytest

from agent_server.analysis.estimates.costs import Cost, in_words, tokens, total, usd
from agent_server.analysis.estimates.past_runs import History, PastTask
from agent_server.analysis.estimates.prices import DEFAULT_PRICES, Price, Tokens, price_of
from agent_server.analysis.facts import RunFacts
from agent_server.analysis.model import TaskAnalysis
from agent_server.analysis.picture import costs
from agent_server.analysis.settings import DEFAULT_MODELS, AnalysisSettings, Tier
from tests.analysis.analysed import analysed

SONNET = DEFAULT_MODELS[Tier.DEFAULT]
PLAN = """
## a: A
- writes: a.py

Do it.
"""


def past(minutes: float, task: str = "x", plan: str = "other", files: int = 1, model: str = SONNET) -> PastTask:
    return PastTask(plan, task, model, files, minutes, Tokens(0, 1_000, 100_000, 10_000))


def estimated(*tasks: PastTask, text: str = PLAN) -> TaskAnalysis:
    facts = RunFacts(history=History("this", tasks))
    return analysed(text, facts=facts).tasks["a"]


def test_minutes_without_a_history_are_those_of_the_tier_that_runs() -> None:
    assert (estimated().minutes, estimated().minutes_because) == (9.0, "as `default` tasks take")
    pinned = estimated(text=PLAN.replace("a.py\n", "a.py\n- model: capable\n"))
    assert (pinned.minutes, pinned.minutes_because) == (15.0, "as `capable` tasks take")


def test_what_the_task_says_comes_first() -> None:
    found = estimated(past(3, "a", "this"), text=PLAN.replace("a.py\n", "a.py\n- minutes: 2.5\n"))
    assert (found.minutes, found.minutes_because) == (2.5, "as the task says")


def test_the_same_tasks_own_time_comes_before_that_of_others() -> None:
    found = estimated(past(4, "a", "this"), *(past(20) for _ in range(5)))
    assert (found.minutes, found.minutes_because) == (4, "as its last run took")
    found = estimated(past(4, "a", "this"), past(6, "a", "this"), past(40, "a", "this"), past(1, "a", "this"))
    assert (found.minutes, found.minutes_because) == (6, "as its last 3 runs took")


def test_a_task_of_that_name_in_another_plan_is_another_task() -> None:
    assert estimated(past(4, "a", "other")).minutes_because == "as `default` tasks take"


def test_like_tasks_count_by_their_median_which_one_that_got_stuck_does_not_move() -> None:
    found = estimated(past(5), past(6), past(55))
    assert (found.minutes, found.minutes_because) == (6, "as the last 3 tasks for this model and size took")


def test_tasks_of_another_size_count_where_there_are_too_few_of_this_one() -> None:
    found = estimated(past(5), past(6, files=20), past(7, files=20))
    assert (found.minutes, found.minutes_because) == (6, "as the last 3 tasks for this model took")


def test_another_model_or_too_few_tasks_tell_nothing() -> None:
    assert estimated(past(5), past(6)).minutes == 9.0
    assert estimated(*(past(5, model="another") for _ in range(5))).minutes == 9.0


def test_only_the_newest_count() -> None:
    found = estimated(*(past(5) for _ in range(10)), *(past(50) for _ in range(30)))
    assert (found.minutes, found.minutes_because) == (5, "as the last 10 tasks for this model and size took")


def test_a_cost_goes_by_what_such_tasks_used() -> None:
    cost = estimated(past(5), past(6), past(7)).cost
    assert cost == Cost(
        Tokens(0, 1_000, 100_000, 10_000),
        pytest.approx((1_000 * 10 + 100_000 * 0.1 + 10_000 * 2.5) / 1e6),
        "as the last 3 tasks for this model and size used",
        "2026-10-24",
    )


def test_without_a_history_a_larger_task_and_a_longer_brief_cost_more() -> None:
    small, wide = estimated().cost, estimated(text=PLAN.replace("a.py", "a.py, b.py, c.py")).cost
    long = estimated(text=f"# P\n\n{'Context. ' * 2_000}\n{PLAN}").cost
    assert small is not None
    assert wide is not None
    assert long is not None
    assert small.because == "by its tier, its files and the length of its brief"
    assert small.tokens.total < wide.tokens.total
    assert small.tokens.total < long.tokens.total


def test_a_model_without_a_known_price_costs_tokens_and_no_money() -> None:
    cost = estimated(text=PLAN.replace("a.py\n", "a.py\n- model: other-model-7\n")).cost
    assert cost is not None
    assert cost.tokens.total > 0
    assert cost.usd is None


def test_every_model_that_is_chosen_by_default_has_a_price_and_is_of_its_tier() -> None:
    for tier, model in DEFAULT_MODELS.items():
        price = price_of(model, DEFAULT_PRICES)
        assert price is not None
        assert price.tier is tier


def test_an_id_with_a_date_is_the_same_model() -> None:
    assert price_of("claude-haiku-4-5-20251001", DEFAULT_PRICES) == DEFAULT_PRICES["claude-haiku-4-5"]
    assert price_of("claude-haiku-4-5-20251001", {"claude-haiku-4-5-20251001": Price(1, 2)}) == Price(1, 2)


def test_where_the_price_of_the_cache_is_not_known_it_is_input() -> None:
    assert Price(2, 10).usd(Tokens(1_000_000, 1_000_000, 1_000_000, 1_000_000)) == 16
    assert Price(2, 10, 0.1, 2.5).usd(Tokens(1_000_000, 1_000_000, 1_000_000, 1_000_000)) == pytest.approx(14.6)


def test_amounts_are_said_in_two_or_three_digits() -> None:
    assert [tokens(count) for count in (0, 850, 41_700, 999_499, 999_500, 12_340_000)] == [
        "0 tokens",
        "850 tokens",
        "42k tokens",
        "999k tokens",
        "1.0M tokens",
        "12.3M tokens",
    ]
    assert [usd(amount) for amount in (0.0, 0.004, 0.64, 99.99, 123.4)] == [
        "0.00 USD",
        "under 0.01 USD",
        "0.64 USD",
        "99.99 USD",
        "123 USD",
    ]


def test_a_sum_says_what_it_leaves_out() -> None:
    known, unknown = Cost(Tokens(output=50_000), 0.5, ""), Cost(Tokens(output=50_000), None, "")
    assert in_words(total([known, known])) == "about 100k tokens, 1.00 USD"
    assert in_words(total([known, unknown])) == "about 100k tokens, 0.50 USD without one task of unknown price"
    assert in_words(total([unknown, unknown])) == "about 100k tokens"
    assert in_words(total([known, unknown, unknown])).endswith("without 2 tasks of unknown price")


def test_the_waves_costs_stand_in_one_line_that_says_it_is_an_estimate() -> None:
    two = analysed(PLAN + "\n## b: B\n- writes: b.py\n- needs: a\n\nDo it.\n")
    line = costs(two)
    assert line.startswith("estimate: about ")
    assert "(wave 1: 0." in line
    assert line.endswith("; prices as of 2026-10-24")
    assert costs(analysed("# P\n")) == ""


def test_a_users_price_is_taken() -> None:
    settings = AnalysisSettings(prices={SONNET: Price(0, 1_000_000)})
    cost = analysed(PLAN, settings=settings).tasks["a"].cost
    assert cost is not None
    assert cost.usd == cost.tokens.output
