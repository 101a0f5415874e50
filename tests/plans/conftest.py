import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-plans",
        action="store_true",
        help="rewrite the expectations of the literate cases to what the analysis finds now",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-plans", default=False) and config.getoption("numprocesses", default=None):
        raise pytest.UsageError("--update-plans rewrites files that hold several cases: use it with -n 0.")
