"""Which words add, update or remove a dependency, and which only sound like it."""

import pytest

from agent_server.analysis.implied.packages import package_changes


def changes(text: str) -> list[str]:
    return [f"{change.step} {change.name}".strip() for change in package_changes(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Add `zod`.", ["zod"]),
        ("Add zod for validation.", ["zod"]),
        ("Add `zod` to check the form.", ["zod"]),
        ("Install the httpx package.", ["httpx"]),
        ("Add a new dependency: `left-pad`.", ["left-pad"]),
        ("Add a dependency on `left-pad`.", ["left-pad"]),
        ("Use the `date-fns` library (new dependency) to format dates.", ["date-fns"]),
        ("Add react-router-dom and @tanstack/react-query dependencies.", ["react-router-dom", "@tanstack/react-query"]),
        ("Install dependencies (`express`, `cors`) in `backend/`.", ["express", "cors"]),
        ("Add `left-pad` and httpx to the dev requirements.", ["left-pad", "httpx"]),
        ("Add log dependencies (structlog, sentry_sdk) to pyproject.toml", ["structlog", "sentry_sdk"]),
        ("Add `prompt_toolkit>=3.0` to `pyproject.toml` dependencies", ["prompt_toolkit"]),
        ("Add TypeScript as a dev dependency.", ["TypeScript"]),
        ("Install `@mantine/core @mantine/hooks`.", ["@mantine/core", "@mantine/hooks"]),
        ("Add the `com.google.inject:guice:7.0.0` dependency to `build.gradle`.", ["com.google.inject:guice"]),
        ("Install `github.com/ulule/limiter/v3`.", ["github.com/ulule/limiter/v3"]),
        ("Use the `indicatif` crate (new dependency).", ["indicatif"]),
        ("Add the library `com.google.inject:guice:7.0.0`, and bind.", ["com.google.inject:guice"]),
        ("Add the dependency `org.apache.poi:poi-ooxml:5.2.5`, and write a sheet.", ["org.apache.poi:poi-ooxml"]),
        ("Add the library `zod` and the package axios.", ["zod"]),
        ("Add the dependency `left-pad` for the columns.", ["left-pad"]),
        ("Install `nodemailer`, and send a mail.", ["nodemailer"]),
        ("Install `nodemailer` and send mails once a day.", ["nodemailer"]),
        ("Add zod and validate the body with it.", ["zod"]),
        ("Install `zod` and `nodemailer`, and send a mail.", ["zod", "nodemailer"]),
    ],
)  # fmt: skip
def test_prose_adds_packages(text: str, names: list[str]) -> None:
    assert changes(text) == [f"adding {name}" for name in names]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Run `pnpm add -D vitest`.", ["adding vitest"]),
        ("Run `pnpm --filter web add zod`.", ["adding zod"]),
        ("```sh\nnpm install --save-dev jest ts-jest\n```", ["adding jest", "adding ts-jest"]),
        ("cargo add serde --features derive", ["adding serde"]),
        ("go get github.com/spf13/cobra@latest", ["adding github.com/spf13/cobra"]),
        ("uv add 'httpx[http2]>=0.27' and go on", ["adding httpx"]),
        ("poetry remove requests", ["removing requests"]),
        ("npm install", []),
        ("npm ci && npm run dev", []),
        ("npm install -g pnpm", []),
        ("uv pip install -e .", []),
        ("go install ./cmd/tool", []),
        ("Do not run `npm install zod`.", []),
    ],
)
def test_commands_add_and_remove_packages(text: str, found: list[str]) -> None:
    assert changes(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bump pydantic to 2.8.", "updating pydantic"),
        ("Upgrade `react` from 18 to 19.", "updating react"),
        ("Pin the `ruff` package to version 0.6.", "updating ruff"),
        ("Remove the `lodash` dependency.", "removing lodash"),
        ("Drop `lodash` from package.json.", "removing lodash"),
        ("Replace `moment` with `date-fns` everywhere.", "replacing moment"),
        ("Migrate from moment to dayjs.", "replacing moment"),
    ],
)
def test_what_is_updated_or_removed_must_be_listed_already(text: str, found: str) -> None:
    assert changes(text) == [found]
    assert all(change.listed for change in package_changes(text))


@pytest.mark.parametrize(
    "text",
    [
        "Install the handler.",
        "Install `handler` in the app.",
        "Add a package for storage.",
        "Add the shared package.",
        "Add a dependency on task `data`.",
        "Add `userId` to the dependency array of useEffect.",
        "Add get_current_user dependency to the dashboard endpoints.",
        "Add the dependency `require_staff`, which answers 403.",
        "Add the package `invoices` with one module a kind.",
        "Add the registration to the dependency injection container.",
        "Install dependencies.",
        "Install dependencies from requirements.txt.",
        "Add `export` to the requirements of the page.",
        "Do not add any dependency.",
        "No new dependencies: add `clsx` only if it is there.",
        "The `zod` package is already there.",
        "Add `lint` to `package.json` scripts.",
        "Add a `lint` script to package.json.",
        "Add tests for cycle, missing dependency, overlap warning.",
        "Add to the component library.",
        "Add the dependency graph to the page.",
        "Use `zod` for validation.",
        "Remove `lodash` from `src/a.ts`.",
        "Add `Button` for the form.",
        "Add `zod` to the list of supported tools.",
        "Add zod to `src/tools.ts`.",
        "Update the page to show two columns.",
    ],
)
def test_words_that_only_sound_like_a_package_change_nothing(text: str) -> None:
    assert changes(text) == []


def test_dotnet_packages_belong_to_no_ecosystem_that_is_known_here() -> None:
    assert all(not change.ecosystems for change in package_changes("Add NuGet package: `Npgsql`."))


def test_a_package_is_told_once() -> None:
    assert changes("Add the `zod` package: `pnpm add zod`. Then add `zod` as a dependency.") == ["adding zod"]


def test_a_long_hostile_text_is_read_in_linear_time() -> None:
    assert changes("add " + "a, " * 50_000) == []
    assert changes("install " + "`" * 50_000 + " package") == []
    assert changes("npm install " + "-" * 50_000) == []
