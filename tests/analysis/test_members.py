"""What tasks use of the modules that other tasks write, told by the module's name."""

import pytest

from agent_server.plan.native import parse
from tests.answering import analysed_in_full

FILES = {
    "go.mod": "module example.com/shop/v2\n\ngo 1.22\n",
    "shop.go": "package shop\n",
    "internal/store/store.go": "package store\n\nfunc Open(path string) error { return nil }\n",
}


def waits(path: str, makes: str, uses: str, exports: str = "") -> bool:
    """Whether a task that uses something waits for the one before it, which writes `path`."""
    promise = f"- exports: {exports}\n" if exports else ""
    text = f"## one: One\n- writes: {path}\n{promise}\n{makes}\n\n## two: Two\n- writes: cmd/shop/main.go\n\n{uses}\n"
    found = analysed_in_full(parse(text), FILES)
    return any((each.task, each.on) == ("two", "one") for each in found.dependencies)


@pytest.mark.parametrize(
    ("path", "makes", "uses"),
    [
        ("internal/mail/mail.go", "Create a `Sender` interface.", "Notify people through `mail.Sender`."),
        ("internal/mail/mail.go", "Send mail over SMTP.", "Register `mail.Handler()` with the server."),
        ("internal/mail/", "Send mail over SMTP.", "Send it with `mail.Send`."),
        ("internal/mail/*.go", "Send mail over SMTP.", "Use the new mail package."),
        ("internal/store/tx.go", "Add `func (s *Store) Close(now bool) error`.", "Defer `store.Close`."),
        ("internal/store/store.go", "Change the signature of `Open`: it takes a context.", "Call `store.Open`."),
        ("internal/store/tx.go", "Extend the store with `store.Begin(ctx)`.", "Print what `store.Begin` returns."),
        ("internal/store/tx.go", "`Begin(ctx)` starts a transaction.", "Print what `store.Begin` returns."),
        ("internal/errs/errs.go", "Sentinel errors: `ErrNotFound`, `ErrGone`.", "Map `errs.ErrGone` to 410."),
        ("price.go", "Add `Total(lines []Line) int`.", "Print `shop.Total`."),
        ("internal/config/config.go", "Add `Config.CacheSize`.", "Pass `cfg.CacheSize` on."),
    ],
)
def test_what_another_task_makes_is_waited_for(path: str, makes: str, uses: str) -> None:
    assert waits(path, makes, uses)


@pytest.mark.parametrize(
    ("path", "makes", "uses"),
    [
        ("internal/mail/mail.go", "Send mail over SMTP.", "Log with `log.Printf`."),
        ("internal/json/json.go", "A faster JSON.", "Encode with `json.Marshal`."),
        ("internal/store/tx.go", "Add `Begin(ctx)`.", "Open it with `store.Open`."),
        ("internal/mail/mail.go", "Send mail over SMTP.", "Do it without `mail.Send`."),
        ("internal/mail/mail.go", "Send mail over SMTP.", "Delete `mail.Send`."),
        ("internal/pool/pool.go", "Add `Close()`.", "Call `Close()` on the body of the answer."),
    ],
)
def test_what_is_there_or_somebody_elses_is_not(path: str, makes: str, uses: str) -> None:
    assert not waits(path, makes, uses)


def test_a_promise_of_a_plain_name_counts_under_the_module() -> None:
    assert waits("internal/cache/lru.go", "An LRU cache.", "Keep a `*cache.Cache` in front.", "Cache")
