"""Who may import what. The path of a file is its place in the architecture; this is the table.

To add a room, add a line to `MAY_IMPORT`. Besides what its line says, a file may import the
standard library; and never what is private to a package that the file is not in.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.imports import Import, cycles, imports, sources

ROOT = Path(__file__).parents[1]

WEB = "fastapi pydantic starlette uvicorn"
SEEN = "app.errors app.security app.settings app.telemetry"
NUMBERS = "networkx numpy scipy"
SESSION = "sqlalchemy:Engine sqlmodel:Session"

MAY_IMPORT = {
    # The first line that fits counts. <name> is any one folder or module, * any text. An entry is a
    # module with all below it, `module:name`, or `module:*`: any name, but no module below it.
    "connectors/_transport": "connectors._* httpx pydantic",
    "connectors/_sandbox": f"connectors._* {WEB}",
    "connectors/_serving": f"connectors._* {WEB}",
    "connectors/_control": f"connectors._* {WEB}",
    "connectors/_sending": "httpx",
    "connectors/_*": "connectors._* pydantic",
    "connectors/<crm>/sandbox/assertions": "connectors.<crm> cryptography",
    "connectors/salesforce/sandbox/pubsub*": (
        "connectors._* connectors.salesforce cryptography fastavro grpc"
    ),
    "connectors/<crm>/sandbox*": f"connectors._* connectors.<crm> httpx {WEB}",
    "connectors/salesforce/assertion": "connectors._* connectors.salesforce cryptography",
    "connectors/salesforce/subscribing": "connectors._* connectors.salesforce fastavro grpc",
    "connectors/salesforce/pubsub*": "connectors.salesforce google.protobuf",
    "connectors/salesforce": (
        "connectors._* connectors.salesforce simple_salesforce requests httpx pydantic"
    ),
    "connectors/hubspot": "connectors._* connectors.hubspot hubspot urllib3 six httpx pydantic",
    "connectors/files": "connectors._* connectors.files dateutil pydantic",
    "connectors/<crm>": "connectors._* connectors.<crm> httpx pydantic",
    "app/__init__": "",
    "app/engine/recommendations/_*": f"app.engine {NUMBERS}",
    "app/engine/recommendations/<rule>": (
        f"app.engine._* app.engine.asking app.engine.calibre app.engine.cells app.engine.company"
        " app.engine.deals app.engine.routes app.engine.scores"
        f" app.engine.strength app.engine.ties app.engine.weights {NUMBERS}"
        " app.engine.recommendations._rule app.engine.recommendations._candidates"
    ),
    "app/engine": f"app.engine {NUMBERS}",
    "app/store": (
        "app.store app.engine app.errors connectors:* alembic numpy pydantic sqlalchemy sqlmodel"
    ),
    "app/allowance": f"app.store connectors:* {SESSION}",
    "app/pipeline": (
        f"app.pipeline app.allowance app.engine app.store {SEEN} connectors:* numpy {SESSION}"
        " sqlalchemy.exc:SQLAlchemyError"
    ),
    "app/terminal": "app.pipeline rich",
    "app/connections": (
        f"app.allowance app.pipeline app.store {SEEN} connectors:* pydantic {SESSION}"
    ),
    "app/errands": f"app.store {SEEN} connectors:* pydantic {SESSION}",
    "app/hooks": f"app.store {SEEN} connectors:* {SESSION}",
    "app/messenger": (
        f"app.messenger app.store {SEEN} httpx {SESSION} sqlalchemy.exc:SQLAlchemyError"
    ),
    "app/writing": f"app.allowance app.pipeline app.store {SEEN} connectors:* {SESSION}",
    "app/privacy": f"app.privacy app.pipeline app.store {SEEN} connectors:* {SESSION}",
    "app/lease": f"app.pipeline app.store {SEEN} {SESSION} sqlalchemy.exc:SQLAlchemyError",
    "app/quiet": "app.errors",
    "app/schedule": (
        f"app.connections app.lease app.pipeline app.quiet app.store {SEEN} connectors:*"
        f" apscheduler {SESSION} sqlalchemy.exc:SQLAlchemyError"
    ),
    "app/listening": (f"app.hooks app.lease app.pipeline app.store {SEEN} connectors:* {SESSION}"),
    "app/worker": (
        f"app.lease app.pipeline app.schedule app.store {SEEN} {SESSION}"
        " sqlalchemy.exc:OperationalError"
    ),
    "app/scoring": f"app.backtest app.scoring app.engine app.store {SEEN} numpy pydantic {SESSION}",
    "app/pictures": "app.pictures app.engine app.store numpy sqlmodel:Session",
    "app/signing_in": f"app.store {SEEN} {SESSION}",
    "app/refolding": f"app.engine app.store numpy {SESSION}",
    "app/atlas": (
        f"app.engine app.refolding app.store {SEEN} fastapi {SESSION}"
        " sqlalchemy.exc:SQLAlchemyError"
    ),
    "app/rights": f"app.signing_in app.store app.writing {SEEN} connectors:* {SESSION}",
    "app/deps": (
        "app.atlas app.hooks app.messenger app.schedule app.scoring app.writing"
        f" {SEEN} fastapi {SESSION} starlette"
    ),
    "app/api": (
        "app.api app.atlas app.connections app.deps app.hooks app.messenger app.pictures"
        f" app.privacy app.schedule app.signing_in app.store app.engine {SEEN}"
        f" app.writing connectors:FieldState connectors:FieldType connectors:Target"
        f" fastapi pydantic {SESSION} starlette"
    ),
    "app/console": (
        "app.allowance:OUR_SHARE app.console app.atlas app.connections app.deps app.engine"
        " app.errands app.hooks app.messenger app.pictures app.privacy app.quiet app.rights"
        f" app.schedule app.scoring app.signing_in app.store app.writing {SEEN} connectors:* numpy"
        f" fastapi jinja2 markupsafe pydantic {SESSION} starlette"
    ),
    "app/backtest": "app.backtest app.engine app.errors numpy",
    "app/score_events": "app.engine app.errors numpy",
    "app/fold/spark": "ibis pyspark",
    "app/fold/places": (
        "app.engine app.errors app.fold duckdb ibis numpy psycopg pyarrow sqlalchemy"
    ),
    "app/fold": "app.engine app.errors app.fold app.score_events ibis numpy pyarrow",
    "app/errors": "",
    "app/settings": "app.errors pydantic pydantic_settings",
    "app/security": "app.errors app.settings argon2 cryptography pydantic",
    "app/telemetry": "app.errors app.settings",
    "app/demo": "*",
    "app/main": "*",
    "app/commands": "*",
    "app/__main__": "*",
}

LOADING = (("importlib", ""), ("importlib", "import_module"))
LOADERS = (
    "connectors/__init__.py",
    "connectors/_sandbox.py",
    "connectors/_levers.py",
    "app/engine/recommendations/_rule.py",
    "app/fold/__init__.py",
    "app/fold/places.py",
)
"""The files that find modules by name: a folder is a CRM, a module is a rule, an extra is there."""

NOT_IN_ENGINE = "io logging os pathlib random secrets socket sqlite3 subprocess threading time"
READS_THE_CLOCK = ("now", "today", "utcnow")

VENDORS = (b"salesforce", b"hubspot", b"sforce")
NAMES_VENDORS = "app/demo/"


def room(path: str) -> tuple[str, str] | None:
    """Find the first line of the table that fits a file, and what that line allows."""
    for place, allowed in MAY_IMPORT.items():
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", place.replace("*", "[^/]*"))
        if found := re.fullmatch(rf"{pattern}(\.py|/.+)", path):
            return place, re.sub(r"<(\w+)>", lambda word: found[word[1]], allowed)
    return None


def strays(root: Path) -> list[str]:
    """The files that are in no room."""
    return [path for path, _ in sources(root, "app", "connectors") if not room(path)]


def trespasses(root: Path) -> list[str]:
    """The imports that the table does not allow."""
    return [str(found) for found in imports(root) if not is_allowed(found)]


def is_allowed(found: Import) -> bool:
    """Tell whether the table allows an import."""
    place, allowed = room(found.path) or ("", "*")
    if found.is_standard:
        return not place.startswith("app/engine") or found.module not in NOT_IN_ENGINE.split()
    return allowed == "*" or (
        found.is_visible and any(found.fits(entry) for entry in allowed.split())
    )


def nested(root: Path) -> list[str]:
    """The imports inside functions, and the modules loaded by name, outside the loaders."""
    return [
        str(found)
        for found in imports(root)
        if (found.is_nested or (found.module, found.name) in LOADING) and found.path not in LOADERS
    ]


def rooms_in_circles(root: Path) -> list[list[str]]:
    """The rooms that need each other; what is private in connectors is one room with its front."""
    return cycles(imports(root), lambda name: ".".join(name.split("._")[0].split(".")[:2]))


def modules_in_circles(root: Path) -> list[list[str]]:
    """The modules that need each other."""
    return cycles(imports(root), str)


def clocks(root: Path) -> list[str]:
    """The places in the engine that ask for the time."""
    return [
        f"{path}:{node.lineno} reads the clock"
        for path, file in sources(root, "app/engine")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in READS_THE_CLOCK
    ]


def vendors(root: Path) -> list[str]:
    """The files in app, of whatever kind, that name a CRM."""
    texts = (
        (file.relative_to(root).as_posix(), file.read_bytes().lower())
        for file in sorted((root / "app").rglob("*"))
        if file.is_file() and file.suffix != ".pyc"
    )
    return [
        path
        for path, text in texts
        if not path.startswith(NAMES_VENDORS) and any(vendor in text for vendor in VENDORS)
    ]


def bare_ignores(root: Path) -> list[str]:
    """The comments that silence the type checker without saying what about."""
    return [
        f"{path}:{token.start[0]}"
        for path, file in sources(root, "app", "connectors", "tests")
        for token in comments(file)
        if re.search(r"#\s*type:\s*ignore(?!\[)", token.string)
    ]


def comments(file: Path) -> Iterator[tokenize.TokenInfo]:
    """Every comment of a file."""
    lines = io.StringIO(file.read_text(encoding="utf-8")).readline
    return (each for each in tokenize.generate_tokens(lines) if each.type == tokenize.COMMENT)


Rule = Callable[[Path], Sequence[object]]

RULES = (
    strays,
    trespasses,
    nested,
    rooms_in_circles,
    modules_in_circles,
    clocks,
    vendors,
    bare_ignores,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps(rule: Rule):
    found = rule(ROOT)
    assert not found, "\n".join(map(str, found))


PLANTED = [
    (strays, "app/new_room.py", "", "app/new_room.py"),
    (trespasses, "connectors/_x.py", "import httpx", "httpx"),
    (trespasses, "connectors/_x.py", "from app.errors import NotFound", "app.errors:NotFound"),
    (trespasses, "connectors/hubspot/x.py", "import simple_salesforce", "simple_salesforce"),
    (trespasses, "connectors/hubspot/x.py", "import fastapi", "fastapi"),
    (trespasses, "connectors/hubspot/x.py", "from connectors import salesforce", ".salesforce"),
    (trespasses, "connectors/new/x.py", "from ..salesforce import sandbox", "salesforce.sandbox"),
    (trespasses, "app/engine/x.py", "import random", "random"),
    (trespasses, "app/engine/x.py", "from app.store import tables", "app.store:tables"),
    (trespasses, "app/engine/recommendations/x.py", "from . import y", "recommendations.y"),
    (trespasses, "app/engine/x.py", "from app.engine.recommendations._rule import R", "_rule:R"),
    (trespasses, "app/store/x.py", "from connectors._records import Person", "_records:Person"),
    (trespasses, "app/store/x.py", "from connectors.salesforce import T", "connectors.salesforce"),
    (trespasses, "app/pipeline/x.py", "from sqlmodel import select", "sqlmodel:select"),
    (trespasses, "app/api/x.py", "if True:\n    import app.pipeline", "app.pipeline"),
    (trespasses, "app/api/x.py", "from app.console import views", "app.console:views"),
    (nested, "app/api/x.py", "def f():\n    import json", "json"),
    (nested, "app/api/x.py", "class A:\n    async def f(self):\n        import json", "json"),
    (nested, "app/api/x.py", "import importlib", "importlib"),
    (nested, "app/api/x.py", "from importlib import import_module", "import_module"),
    (clocks, "app/engine/x.py", "def f(d):\n    return d.now()", "app/engine/x.py:2"),
    (vendors, "app/console/templates/x.html", "<p>HubSpot</p>", "x.html"),
    (bare_ignores, "tests/x.py", "x = 1  # type: ignore", "tests/x.py:1"),
]


@pytest.mark.parametrize(("rule", "path", "code", "told"), PLANTED)
def test_a_planted_violation_is_found(tmp_path: Path, rule: Rule, path: str, code: str, told: str):
    plant(tmp_path, "connectors/salesforce/sandbox.py", "")
    plant(tmp_path, "app/engine/recommendations/y.py", "")
    plant(tmp_path, path, code)
    (found,) = rule(tmp_path)
    assert told in found


INNOCENT = [
    ("connectors/__init__.py", "import importlib"),
    ("connectors/hubspot/x.py", "from connectors._records import Person"),
    ("connectors/hubspot/x.py", "from . import y\nimport hubspot.crm"),
    ("connectors/new/sandbox/x.py", "import starlette.types\nfrom connectors.new import mapping"),
    ("app/engine/recommendations/x.py", "from ._rule import Advice"),
    ("app/store/x.py", "from connectors import Person\nimport sqlalchemy.dialects"),
    ("app/pipeline/x.py", "from sqlmodel import Session"),
    ("app/demo/x.py", "from importlib import resources"),
    ("app/demo/x.py", "from connectors._sandbox import Clock\nTITLE = 'Salesforce'"),
    ("app/api/x.py", "from app.store import people  # type: ignore[attr-defined]"),
]


@pytest.mark.parametrize(("path", "code"), INNOCENT)
def test_what_is_allowed_is_not_reported(tmp_path: Path, path: str, code: str):
    plant(tmp_path, path, code)
    assert [rule(tmp_path) for rule in RULES] == [[]] * len(RULES)


def test_rooms_that_need_each_other_are_found(tmp_path: Path):
    plant(tmp_path, "app/pipeline/a.py", "import app.store.b")
    plant(tmp_path, "app/store/c.py", "import app.pipeline.d")
    assert rooms_in_circles(tmp_path) == [["app.pipeline", "app.store"]]
    assert modules_in_circles(tmp_path) == []


def test_modules_that_need_each_other_are_found(tmp_path: Path):
    plant(tmp_path, "app/store/a.py", "from app.store import b")
    plant(tmp_path, "app/store/b.py", "from .a import x")
    assert modules_in_circles(tmp_path) == [["app.store.a", "app.store.b"]]


def test_a_package_and_its_own_module_can_need_each_other_too(tmp_path: Path):
    plant(tmp_path, "app/store/__init__.py", "from app.store.a import x")
    plant(tmp_path, "app/store/a.py", "from app.store import y")
    assert modules_in_circles(tmp_path) == [["app.store", "app.store.a"]]


def plant(root: Path, path: str, code: str) -> None:
    """Write a file into a tree made for the test."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code, encoding="utf-8")
