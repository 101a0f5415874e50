"""The words that decide what a sentence does with a name of the code: one table a question.

Each table was checked against plans that people published. Words are in lower case; verbs stand in their base form.
"""

from enum import StrEnum

from agent_server.analysis.words.mention_words import inflections

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.


class Role(StrEnum):
    """What a task does with a name."""

    CREATES = "creates"
    CHANGES = "changes"
    EMITS = "emits"
    """Sends an event: nobody else makes it, unless somebody declares it."""

    USES = "uses"
    DESCRIBES = "describes"
    """Says what it does: "`tax_of(order)` returns the tax". Who says so first makes it, unless somebody else does."""

    REMOVES = "removes"
    MENTIONS = "mentions"
    """Named where no word says what for."""

    CITES = "cites"
    """Named without being made or relied on: what is left alone, or only compared with."""


_CREATING = """
    add author build code construct craft create declare def define design develop establish export expose extract
    generate fn func implement introduce make produce provide scaffold write
"""

_CHANGING = """
    adapt adjust alter change complete convert edit enhance finish fix improve migrate modify move optimise optimize
    refactor rename reorganise reorganize replace restructure revise rewrite simplify split tweak update upgrade
"""

_USING = """
    access adopt annotate apply ask assert attach autowire await bind call catch check compose confirm connect consume
    cover decorate delegate depend dispatch display embed employ enforce ensure execute exercise extend feed fetch
    follow forward hook implement import include inherit inject instantiate integrate invoke iterate join leverage link
    listen load map match mirror mock mount observe open parse pass persist plug populate print process
    query read receive reference register rely render require resolve return reuse route run save send serve
    show store stub subclass subscribe surface test trigger use utilise utilize validate verify wire wrap
"""

_EMITTING = "broadcast emit fire publish raise throw"
_REMOVING = "delete drop remove"
_CITING = "avoid deprecate disable discard ignore keep leave prevent retain skip"

VERBS: dict[str, Role] = {
    **dict.fromkeys(_USING.split(), Role.USES),
    **dict.fromkeys(_CHANGING.split(), Role.CHANGES),
    **dict.fromkeys(_CREATING.split(), Role.CREATES),
    **dict.fromkeys(_EMITTING.split(), Role.EMITS),
    **dict.fromkeys(_REMOVING.split(), Role.REMOVES),
    **dict.fromkeys(_CITING.split(), Role.CITES),
}
"""What a verb does to its object."""

INSTALLING = frozenset({"install", "installs", "installed", "installing", "upgrade", "uninstall", "bump"})
"""Verbs whose object is somebody else's software."""

NOUN_VERBS = frozenset(
    """
    access attribute author class code cover design display extract feed function hook listen map match mock mount
    order process query reference request return route save schema serve state stub store subclass surface trigger
    """.split()
)
"""Verbs that are nouns as often, and verbs only where an order begins."""

VAGUE = frozenset({"extract", "generate", "make", "produce", "provide"})
"""Verbs of creation that mostly make values, not code: "generate an `invoice_number`"."""

RENAMING = frozenset({"extract", "move", "rename", "split", "turn"})
"""Verbs whose goal, behind `to` or `into`, is new."""

KINDS = frozenset(
    """
    abstraction action actions adapter adapters algorithm annotation api apis attribute base builder cache callback
    class classes client codec command commands component components composable config configuration constant
    constants constructor container context contract controller controllers converter counter data dataclass decorator
    decorators dialog directive dto dtos endpoint endpoints engine entities entity enum enumeration enums env error
    errors event events exception exceptions executor extension factory file fixture flag formatter function functions
    gauge generator getter guard handler handlers helper helpers hook hooks implementation instance interceptor
    interface interfaces iterator job layer layout library listener loader logger macro manager mapper method methods
    metric middleware migration mixin mock model models module modules mutation namespace object observer option
    options package page parser pipeline plugin policy pool processor prop protocol protocols provider query queue
    reducer registry renderer repositories repository request resolver resource response route router routes routine
    runner schema schemas screen script selector serializer service services setter signal singleton skeleton slice
    state store strategy struct structs structure stub table tables template trait traits transformer trigger tuple
    type types util utilities utility utils validator value values variable variables view viewmodel views widget
    worker wrapper
    """.split()
)
"""What a name may be a name of: between a verb and the name, or behind it, such a word changes nothing."""

MEMBERS = frozenset(
    """
    argument arguments attribute attributes column columns field fields foreign index indexes key keys param parameter
    parameters params prop properties property props relation relationship setting settings value values
    """.split()
)
"""Kinds that are part of another thing: too many things have an `id` for the name alone to mean one of them."""

KEYS = frozenset({"foreign", "index", "indexes", "primary", "unique"})
"""Words that make a key or a setting one of a table."""

ENTRIES = frozenset({"key", "keys", "setting", "settings", "string", "strings", "translation", "translations"})
"""Kinds whose dotted names are paths in data: "the `nav.title` key" is no part of anything called `nav`."""

NAMING = frozenset(
    """
    class classes component composable constant counter decorator dto endpoint entity enum event exception fixture
    function functions gauge handler helper hook interface interfaces macro method metric middleware mixin model module
    mutation protocol reducer route schema service store struct table trait type types view widget
    """.split()
)
"""Kinds that make even a plain word in backticks the name of one thing: "the table `orders`"."""

DECLARED = frozenset("class constant enum function interface method protocol struct trait type".split())
"""Kinds of what a source declares: "with a `Counter` type" tells of a new one, whatever is created with it."""

ADJECTIVES = frozenset(
    """
    abstract additional async asynchronous basic common complete concrete core custom default dedicated different
    distinct domain dynamic empty exported full generic global high-level initial internal lightweight local main
    minimal missing named called named, new newly optional own private public pure required resolved reusable
    separate shared simple single small static strict strongly-typed stub sync thin top-level typed unified
    """.split()
)
"""Words that change nothing between a verb and a name."""

PREPOSITIONS: dict[str, float] = {
    **dict.fromkeys(("using", "via", "with", "through", "uses", "calls"), 0.85),
    **dict.fromkeys(("from", "by", "of", "for", "into", "in", "inside", "within", "on", "onto", "to", "at"), 0.75),
    **dict.fromkeys(("against", "around", "over", "between", "per", "across", "under", "behind", "as"), 0.65),
}
"""Words that show a name to be used rather than made, and how surely."""

COMPARING = frozenset({"like", "unlike", "than", "versus", "vs", "except", "without", "not", "similar", "instead"})
"""Words before a name that is only compared with, or stays out of it."""

SUBORDINATORS = frozenset(
    """
    that which who whose so when if where because until while once after before since unless whether why how what
    e.g. eg i.e. see
    """.split()
)
"""Words that open a clause which says how things are: the verb before them rules no more."""

LABELS: dict[str, Role] = {
    **dict.fromkeys(
        "produces provides exports creates defines adds introduces deliverable deliverables output outputs new".split(),
        Role.CREATES,
    ),
    **dict.fromkeys(
        "consumes uses requires imports inputs input needs dependencies depends prerequisites reuses".split(),
        Role.USES,
    ),
}
"""Before a colon, words that stand for a verb: "Produces: `parse_plan`"."""

TESTING = frozenset({"test", "tests", "testing", "spec", "specs"})
"""Words that make a task one which tests. Tests may well be written before what they test."""

METHODS = frozenset({"function", "functions", "method", "methods"})
"""What is made together with the thing that has it."""

FILLED = frozenset({"cache", "column", "columns", "file", "queue", "registry", "store", "table", "tables"})
"""Kinds of things that are written to: "write the table `orders`" fills one that is there."""

RENAMES = frozenset({"rename", "renames"})
SIGNATURE = RENAMES | frozenset({"signature", "signatures", "parameter", "parameters", "return", "breaking"})
"""Words that make a change of a thing one which its users feel."""

ENDPOINTS = frozenset({"endpoint", "endpoints", "route", "routes", "api", "handler", "webhook"})
"""Kinds that make a path which begins with a slash the address of one thing."""

LABELLED = frozenset(
    """
    bucket channel command commands event events flag flags job metric permission queue role script subcommand task
    toggle topic
    """.split()
)
"""Kinds whose names are labels, with dashes or as words: the `new-checkout` flag, the `shop export` command."""

TOOLS = frozenset(
    """
    alembic bash brew bun bundle cargo composer curl deno docker dotnet git gh go gradle helm java kubectl make mix mvn
    mypy next node npm npx nx pip pipenv pnpm poetry psql pytest python rails ruff rustup sh terraform tsc turbo uv
    vitest yarn
    """.split()
)
"""Everyone's tools, whose commands nobody makes."""

FLAGS = frozenset({"flag", "flags", "option", "options", "switch", "argument", "arguments"})
"""Kinds that make `--json` the name of a flag."""

COMMON = frozenset(
    """
    __all__ __file__ __init__ __main__ __name__ __repr__ __str__ abortcontroller addeventlistener appendchild
    arraybuffer assertionerror async_session async_sessionmaker asyncio attributeerror autoincrement backgroundcolor
    basemodel classname clearinterval cleartimeout commonjs component_name connectionerror console.error console.log
    created_at created_by createelement createobjecturl css_modules currenttarget customevent database_url dataclass
    dataframe dataset deleted_at devops django docker_compose domcontentloaded duckdb dynamodb elasticsearch
    encodeuricomponent eslint eventemitter eventsource fastapi file_path filenotfounderror filereader first_name
    foreach formdata frozen_string_literal getbyid getbyrole getbytext getelementbyid getitem github github_token
    gitlab gitlab-ci google graphiql graphql grpc hashmap hashset hashtable htmlelement http404 httpclient httperror
    httpexception httponly httpx iasyncenumerable idisposable ienumerable illegalargumentexception
    illegalstateexception ilogger importerror importlib indexeddb indexerror innerhtml int32 int64 integrityerror
    intersectionobserver ioexception isinstance javascript json.dumps json.loads json.parse json.stringify jsonb jsonl
    jwt_secret keyerror last_name linkedin localstorage macos mariadb matchmedia modulenotfounderror mongodb
    mutationobserver mysql node_env node_modules nodejs nosql not_found notfounderror notimplementederror npm
    nullpointerexception oauth oauth2 object.freeze object.keys objectdoesnotexist on_delete onblur onchange onclick
    onclose onerror onfocus oninput onkeydown onload onmessage onopen onsubmit openai openai_api_key openapi openssl
    opentelemetry os.environ oserror overflowerror parsefloat parseint paypal permissiondenied permissionerror
    playwright postgres postgresql powershell preventdefault primary_key process.env prop_types pydantic pyproject
    pytest pytorch queryselector queryselectorall rabbitmq react.fc react.memo readme redux requestanimationframe
    resizeobserver restapi runtimeerror scikit scrollintoview sendgrid sessionstorage setinterval setstate settimeout
    sharedarraybuffer soundcloud sqlalchemy sqlite stackoverflow starlette stderr stdin stdout stoppropagation
    storybook swiftui sysctl tailwindcss tensorflow testclient textarea textcontent timeouterror timeoutexception
    tostring typeerror typescript ui_tests uikit unit_tests updated_at updated_by usecallback usecontext usedebugvalue
    usedeferredvalue usedispatch useeffect useform useid useimperativehandle uselayouteffect usememo usemutation
    usenavigate useparams usepathname usequery user_id user_name usereducer useref userid username userouter
    usesearchparams useselector usestate usetransition utf-8 utf8 uuid validationerror valueerror vscode vuejs
    webassembly webgl webhook webpack webrtc websocket websockets whatsapp wordpress xcode xmlhttprequest youtube
    zerodivisionerror zodschema
    """.split()
)
"""Names of languages, products and everyone's libraries that look like names of the code, in lower case."""

MACROS = frozenset(
    """
    anyhow assert assert_eq assert_ne assert_snapshot bail cfg concat dbg debug debug_assert ensure env eprint eprintln
    error format format_args include include_bytes include_str info join json lazy_static macro_rules matches panic
    print println query query_as quote select span thread_local todo trace unimplemented unreachable vec warn write
    writeln
    """.split()
)
"""Everyone's macros, of Rust."""


def role_forms() -> dict[str, tuple[str, Role, str]]:
    """Every written form of every verb, with its base form, its role, and which form it is: base, s, ing or ed."""
    return {form: (base, role, kind) for base, role in VERBS.items() for kind, form in inflections(base)}
