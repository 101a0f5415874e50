"""What a text does with the names of the code in it."""

import pytest

from agent_server.analysis.words.symbol_words import Role
from agent_server.analysis.words.symbols import Symbol, name_of, symbols

CREATES, CHANGES, USES = Role.CREATES, Role.CHANGES, Role.USES


def roles(text: str, *, title: bool = False) -> list[tuple[str, Role]]:
    """The names of a text with their roles, those left out that are only mentioned."""
    return [
        (found.name, found.role)
        for found in symbols(text, title=title)
        if found.role not in {Role.CITES, Role.MENTIONS}
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Add a function `parse_plan(text)` to the parser.", [("parse_plan", CREATES)]),
        ("Create the class `Order`.", [("Order", CREATES)]),
        ("Introduce a useTheme hook.", [("useTheme", CREATES)]),
        ("Define the `Order` model.", [("Order", CREATES)]),
        ("Implement the new `POST /orders` endpoint.", [("/orders", CREATES)]),
        ("Create a table `orders`.", [("orders", CREATES)]),
        ("Add the env var `CLAY_TOKEN`.", [("CLAY_TOKEN", CREATES)]),
        ("Add a `--json` flag.", [("--json", CREATES)]),
        ("Add `func (s *Store) Sweep(age time.Duration) int`.", [("Sweep", CREATES)]),
        ("Add a type `Mailer` with `Send(to string) error`.", [("Mailer", CREATES), ("Send", CREATES)]),
        ("`Scale(r Recipe, persons int) Recipe` multiplies each quantity.", [("Scale", CREATES)]),
        ("Create `counter.go` with a `Counter` type.", [("Counter", CREATES)]),
        ("Extend the store with `ListOrders`.", [("ListOrders", CREATES)]),
        ("Add `Config.SMTPAddr`.", [("Config.SMTPAddr", CREATES), ("SMTPAddr", CREATES)]),
        ("Create `counter.go` with the `Counter` type.", [("Counter", USES)]),
        ("Add a type `Mailer` with `useRetries`.", [("Mailer", CREATES), ("useRetries", USES)]),
        ("Define `Level` and ClayEntry types.", [("Level", CREATES), ("ClayEntry", CREATES)]),
        ("Create `Scale` with a method `weighTwice()`.", [("Scale", CREATES), ("weighTwice", CREATES)]),
        ("Create `Scale` with a `weighTwice` hook.", [("Scale", CREATES), ("weighTwice", USES)]),
        ("Extract the retries into `retry_call`.", [("retry_call", CREATES)]),
        ("Rename `load_all` to `load_entries`.", [("load_all", CHANGES), ("load_entries", CREATES)]),
        ("Rename `load_all` to `load_entries` everywhere.", [("load_all", CHANGES), ("load_entries", CREATES)]),
        ("`ClayEntry` must be added.", [("ClayEntry", CREATES)]),
        ("Add `/api/refunds/:id`.", [("/api/refunds/:id", CREATES)]),
        ("Add a `navMenu.title` key to every language.", [("navMenu.title", CREATES)]),
        ("Add the setting `max_refund_days`.", [("max_refund_days", CREATES)]),
        ("Add a `shop export` command.", [("shop export", CREATES)]),
        ("Introduce the feature flag `new-checkout`.", [("new-checkout", CREATES)]),
        ("A class `Refund` with an amount.", [("Refund", CREATES)]),
        ("An `OrderList` component, newest first.", [("OrderList", CREATES)]),
        ("Table `refunds` with an amount.", [("refunds", CREATES)]),
        ("A `RefundJob` that takes an id.", [("RefundJob", CREATES)]),
        ("def export_csv(rows): one line each.", [("export_csv", CREATES)]),
        ("Create these:\n\n- `ClayEntry`: one\n- `ClayLevel`", [("ClayEntry", CREATES), ("ClayLevel", CREATES)]),
        ("A middleware `require_token` reads the header.", [("require_token", CREATES)]),
        ("`ClayClock` is a small trait.", [("ClayClock", CREATES)]),
        ("- Produces: `parse_plan`\n- Consumes: `read_text`", [("parse_plan", CREATES), ("read_text", USES)]),
    ],
)
def test_what_a_text_creates(text: str, found: list[tuple[str, Role]]) -> None:
    assert roles(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Call `parse_plan` from the new parser.",
        "Write tests for `parse_plan`.",
        "Before it starts, ask the new `parse_plan` for the tasks.",
        "Create a command that calls `parse_plan`.",
        "GET and POST answer with JSON; both call `parse_plan`.",
        "There are two commands. Each calls `parse_plan`.",
        "Print the tasks with parse_plan().",
        "Write the table `parse_plan`.",
        "Add a `parse_plan` example.",
        "Build the page on what `from reader import parse_plan` gives.",
        "Fill the table by `crate::parse_plan!(first, second)`.",
    ],
)
def test_what_a_text_uses(text: str) -> None:
    assert roles(text) == [("parse_plan", USES)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Fetch /api/refunds/:id once.", "/api/refunds/:id"),
        ("Run `shop export --all` every night.", "shop export"),
        ("Listen to the order.refunded event.", "order.refunded"),
        ("Render a `<StatusBadge status={order.status} />`.", "StatusBadge"),
        ("Show it only with the `new-checkout` flag.", "new-checkout"),
    ],
)
def test_names_of_other_shapes(text: str, name: str) -> None:
    assert roles(text) == [(name, USES)]


def test_an_event_is_sent_and_a_name_is_removed() -> None:
    assert roles("Emit `order.refunded` with the amount.") == [("order.refunded", Role.EMITS)]
    assert roles("Raise `UnknownCountry` for any other.") == [("UnknownCountry", Role.EMITS)]
    assert roles("Delete `parse_plan`.") == [("parse_plan", Role.REMOVES)]


def test_a_sentence_about_a_name_describes_it() -> None:
    assert roles("`tax_of(order)` returns the tax.") == [("tax_of", Role.DESCRIBES)]
    assert roles("`Scale(recipe, persons)` multiplies each quantity.") == [("Scale", Role.DESCRIBES)]
    assert roles("`NoRefund` if there is none.") == [("NoRefund", Role.DESCRIBES)]
    assert roles("`tax_of(order)` is there already.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Change the signature of `parse_plan`.",
        "Add a parameter to `parse_plan`.",
        "Rewrite `parse_plan` without regexes.",
    ],
)
def test_what_a_text_changes(text: str) -> None:
    assert roles(text) == [("parse_plan", CHANGES)]


@pytest.mark.parametrize(
    "text",
    [
        "Do not touch `parse_plan`.",
        "Keep it short, unlike `parse_plan`.",
        "Use `useState` and `localStorage`; write TypeScript, GitHub and PostgreSQL in full.",
        "Install `rich_text`.",
        "`parse_plan` is a mess.",
        "The middleware `parse_plan` reads the header.",
        'Print it with `println!("{x}")`, and `tracing::warn!`.',
        "Add a `user_id` column.",
        "```\nparse_plan()\n```\n<!-- call `parse_plan` -->",
        "Read `src/parser.py`, run `npm test`, and set it to `5`.",
        "Write 17 entries, each with a title.",
        "Add a `shop-icons` folder, and run `git push`.",
        "Add a foreign key `order_ref`.",
    ],
)
def test_what_says_nothing(text: str) -> None:
    assert roles(text) == []


def test_a_member_is_a_name_of_its_owner_too() -> None:
    assert roles("Call `AuthService.login`.") == [("AuthService.login", USES), ("AuthService", USES)]
    assert roles("Add the method `AuthService.login`.") == [("AuthService.login", CREATES), ("AuthService", CHANGES)]


def test_what_is_called_is_no_variable() -> None:
    (function,), (value,) = symbols("Write `issue_token(user)`."), symbols("Write `issue_token`.")
    assert function.confidence > value.confidence


def test_a_bare_title_is_what_the_task_makes() -> None:
    assert roles("ClayEntry type", title=True) == [("ClayEntry", CREATES)]
    assert roles("ClayEntry type") == []


def test_the_span_covers_the_name_and_the_sentence_is_quoted() -> None:
    text = "First this.\n\nThen call `parse_plan(text)`, twice. And that."
    (found,) = symbols(text)
    assert isinstance(found, Symbol)
    assert found.span.of(text) == "parse_plan(text)"
    assert found.sentence == "Then call `parse_plan(text)`, twice."


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("parse_plan(text)", "parse_plan"),
        ("parse_plan(text: str) -> Plan", "parse_plan"),
        ("class Foo", "Foo"),
        ("Entry", "Entry"),
        ("GET /orders", "/orders"),
        ("LEVELS: list[str]", "LEVELS"),
        ("LEVELS = 3", "LEVELS"),
    ],
)
def test_the_name_that_an_export_spells(item: str, name: str) -> None:
    assert name_of(item) == name


@pytest.mark.parametrize("code", ["*store.DB", "[]*store.DB", "&store.DB{Path: path}", "store.DB[K, V]", "store.DB(x)"])
def test_pointers_slices_values_and_types_of_go_are_names(code: str) -> None:
    assert [found.name for found in symbols(f"Return a `{code}`.")] == ["store.DB"]


def test_what_has_parameters_and_a_capital_is_a_function_or_a_type() -> None:
    found = symbols("Add `Open(path string)`, `open(path)`, `Close()` and `New(x int)`.")
    assert {each.name: each.named for each in found} == {"Open": True, "open": False, "Close": False, "New": False}


def test_a_hostile_line_costs_linear_time() -> None:
    for piece in ("`", "a.", "/a", "a_", "`*[]", "`a[b, ", "(", "A b, ", "--a", "GET /"):
        symbols(piece * 100_000)  # quadratic time would not end within the time that a test has
