"""Packages that many projects use: a sentence like "Add zod" names one of them, where "Add handler" names nothing.

Only a hint for such sentences. Whatever says "package", "dependency" or a command needs no list. Left out is whatever
is an everyday word of programs too (`requests`, `click`, `cors`, `debug`, `chalk` stays, `log` does not).
"""

from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "npm": """
        @playwright/test @prisma/client @reduxjs/toolkit @tanstack/react-query @tanstack/react-router
        @tanstack/react-table @testing-library/jest-dom @testing-library/react @testing-library/user-event
        @trpc/client @trpc/server ajv axios bcrypt bcryptjs better-sqlite3 bullmq chakra-ui chalk chart.js cheerio clsx
        commander concurrently cross-env cypress date-fns dayjs dotenv drizzle-kit drizzle-orm echarts esbuild eslint
        eslint-config-prettier express express-rate-limit express-validator fastify formik framer-motion fuse.js
        graphql-request happy-dom helmet hono husky i18next ioredis jest jotai jsdom jsonwebtoken knex ky lint-staged
        lodash lodash-es lucide-react marked moment mongoose msw multer mysql2 nanoid next-auth next-intl next-themes
        nodemailer nodemon papaparse pg-boss pino pino-pretty playwright postcss prettier prisma puppeteer react-dom
        react-hook-form react-i18next react-markdown react-query react-router react-router-dom recharts rehype remark
        rollup rxjs sass sharp socket.io socket.io-client sonner storybook stylelint supertest swr tailwind-merge
        tailwindcss ts-jest ts-node tsup tsx turbo typeorm typescript undici vite vitest winston yup zod zustand
    """,
    "python": """
        aiofiles aiohttp alembic apscheduler arq asyncpg bcrypt beautifulsoup4 boto3 cachetools celery cryptography
        django-filter djangorestframework dramatiq factory-boy faker fastapi flask freezegun gunicorn httpx hypothesis
        itsdangerous jinja2 jsonschema loguru lxml markdown-it-py marshmallow matplotlib motor mypy networkx numpy
        openpyxl orjson pandas passlib pdfplumber pillow polars pre-commit prometheus-client psycopg psycopg2-binary
        pyarrow pydantic pydantic-settings pyjwt pymongo pypdf pyright pytest pytest-asyncio pytest-cov pytest-mock
        pytest-xdist python-dateutil python-dotenv python-jose python-multipart pyyaml rapidfuzz requests-mock respx
        ruff scikit-learn scipy sentence-transformers sqlalchemy sqlmodel starlette structlog tenacity testcontainers
        tiktoken tqdm typer uvicorn uvloop weasyprint
    """,
    "cargo": """
        actix-web anyhow async-trait axum bincode chrono clap criterion crossbeam dashmap env_logger futures hyper
        indicatif insta itertools jsonwebtoken lazy_static mockall once_cell parking_lot proptest rayon regex reqwest
        rusqlite serde serde_json serde_yaml sqlx tempfile thiserror tokio toml tonic tower tower-http tracing
        tracing-subscriber uuid walkdir wiremock
    """,
    "go": "",
    "ruby": "bootsnap capybara devise factory_bot faraday kaminari nokogiri pundit puma rack-cors rspec-rails rubocop"
    " sidekiq simplecov vcr webmock",
    "php": "",
    "java": "",
    "dart": "cached_network_image cloud_firestore flutter_bloc flutter_riverpod freezed go_router json_serializable"
    " sqflite",
}

_ECOSYSTEMS: dict[str, tuple[str, ...]] = {}
for _ecosystem, _names in _NAMES.items():
    for _name in _names.split():
        _ECOSYSTEMS[_name] = (*_ECOSYSTEMS.get(_name, ()), _ecosystem)


def known_ecosystems(name: str) -> tuple[str, ...]:
    """The ecosystems in which a package of that name is widely used; empty where none is known."""
    return _ECOSYSTEMS.get(name.lower(), ())
