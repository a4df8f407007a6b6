"""Back-test: how well scores made in the past foretold what came, on a company's own history.

Pure but for `weighing`, which reads a file: no clock and no randomness, so that the same history
and the same moment give the same bytes. Nobody is named in a report; it counts pairs.

Walk-forward: the history is cut every 90 days; at each cut-off everybody is scored by what had
happened by then, and the scores are compared with what came after, of which they know nothing.

Read in this order: `measures` (area under the curve, its interval, lift), `walk` (where the history
is cut, and what came), `judge` (one cut-off), `findings` (all that is found, as values), `examine`
(finds it), `weighing` and `compare` (other weights), `words` (what it comes to), then `markup`,
`charts`, `tables` and `page` (how it looks).
"""

from app.backtest.examine import examine
from app.backtest.findings import Findings, to_json
from app.backtest.page import to_html
from app.backtest.walk import last_second
from app.backtest.weighing import Proposed, proposed
from app.backtest.words import in_short

__all__ = [
    "Findings",
    "Proposed",
    "examine",
    "in_short",
    "last_second",
    "proposed",
    "to_html",
    "to_json",
]
