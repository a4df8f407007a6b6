"""A sales company whose truth is known: records to fill CRMs with, for 100 to 1,000,000 people.

Read `teams` (what is planted), `identities` and `people` (who is who), `exchanges` and `rhythm`
(how it happens), `deals`, and `truth` (what is told of it). Everything streams: accounts, then
people, then deals and activities, team by team, and the same company gives the same records.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path

from app.demo import truth
from app.demo.deals import deals
from app.demo.exchanges import CHIEF, NEWSLETTER, activities
from app.demo.identities import CRMS, identify
from app.demo.people import OURS, Part
from app.demo.teams import Company, plan
from connectors import Person, PersonKind, Record
from connectors._worlds import write

BEGUN_DAYS = 1600.0
PASSES = 3
"""How often every team is looked at: for its accounts, its people, and what happened."""

Step = Callable[[], None]
Watch = Callable[[Path, int, int], None]
"""Is told of a file how many steps of how many are done."""


def unheard() -> None:
    """Tell nobody."""


def unwatched(_: Path, _done: int, _steps: int) -> None:
    """Show nobody how far it is."""


def world(company: Company, crm: str | None = None, *, step: Step = unheard) -> Iterator[Record]:
    """Give the company's records: accounts, then people, then deals and activities.

    Args:
        company: Which.
        crm: Only what this CRM holds: every colleague, every other team's contacts and accounts,
            and the contacts that both CRMs hold, as duplicates; None for everything once.
        step: Is called `PASSES` times for each team.
    """
    for part in _parts(company, crm):
        yield from part.accounts()
        step()
    yield Person(CHIEF, PersonKind.COLLEAGUE, "Ada Chief", (f"chief@{OURS}",), "CEO", None, None)
    yield Person(NEWSLETTER, PersonKind.COLLEAGUE, "Our Newsletter", (f"news@{OURS}",))
    for part in _parts(company, crm):
        yield from (kept.record for kept in part.people())
        step()
    for part in _parts(company, crm):
        if part.is_home:
            yield from deals(company, part.team)
        yield from (one for one in activities(company, part) if part.has(one))
        step()


def save(
    company: Company, file: Path, *, is_per_crm: bool = False, watch: Watch = unwatched
) -> Mapping[Path, int]:
    """Write the company as world files, and its truth beside them.

    Args:
        company: Which.
        file: The world file (``acme.ndjson.gz``); the truth goes into ``acme.truth.json``.
        is_per_crm: Write one world file per CRM instead (``acme.<crm>.ndjson.gz``).
        watch: Is told of each file how far it is.

    Returns:
        How many records went into each world file.
    """
    stem, ending = _split(file)
    told = stem.with_name(f"{stem.name}.truth.json")
    truth.write(company, told, step=_counting(watch, told, company.teams))
    files: dict[Path, str | None] = {file: None}
    if is_per_crm:
        files = {stem.with_name(f"{stem.name}.{crm}{ending}"): crm for crm in CRMS}
    found: dict[Path, int] = {}
    for part, crm in files.items():
        step = _counting(watch, part, PASSES * company.teams)
        found[part] = write(world(company, crm, step=step), part)
    return found


def _counting(watch: Watch, file: Path, steps: int) -> Step:
    """Make what counts the steps of one file."""
    done = count(1)
    return lambda: watch(file, next(done), steps)


def _split(file: Path) -> tuple[Path, str]:
    """Give a file's path without its endings, and its endings: ``acme`` and ``.ndjson.gz``."""
    endings = [suffix for suffix in file.suffixes[-2:] if suffix in {".ndjson", ".gz", ".json"}]
    ending = "".join(endings)
    return file.with_name(file.name.removesuffix(ending)), ending


def _parts(company: Company, crm: str | None) -> Iterator[Part]:
    begun = company.until - timedelta(days=BEGUN_DAYS)
    for number in range(company.teams):
        team = plan(company, number)
        yield Part(team, identify(company, team), crm, begun)
