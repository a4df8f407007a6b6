"""Rules that turn scores into advice. A module here without an underscore IS a rule.

Read `_rule`, then any rule. To add one, add a file; nothing else names it.
"""

from app.engine.recommendations._rule import LONGEST_REASON, Advice, Rule, names, rule

__all__ = ["LONGEST_REASON", "Advice", "Rule", "names", "rule"]
