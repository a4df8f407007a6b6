"""What a network at one company is worth: calibre x quality x the right number; 0 in one is 0."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.engine.deals import UNKNOWN_CALIBRE, WIDE, Link


@dataclass(frozen=True, slots=True)
class Worth:
    """The three factors, each 0 to 1, and which of them holds the product back.

    Attributes:
        calibre: The highest of those with a live tie, one half where no title tells any.
        quality: How likely the best tie of each of them is alive, on average.
        number: How many they are, of as many as it takes (three).
        is_calibre_known: Whether any title tells it.
    """

    calibre: float
    quality: float
    number: float
    is_calibre_known: bool

    @property
    def points(self) -> int:
        """The product, 0 to 100."""
        return round(100 * self.calibre * self.quality * self.number)

    @property
    def limit(self) -> str:
        """The smallest factor, in words."""
        if not self.number:
            return "no live tie"
        unsure = "" if self.is_calibre_known else " (no title tells it)"
        factors = {
            f"calibre{unsure}": self.calibre,
            "quality of the ties": self.quality,
            "number of people": self.number,
        }
        return min(factors, key=lambda name: factors[name])


def worth(links: Collection[Link], calibres: Mapping[int, float]) -> Worth:
    """Measure the live ties at a company; what is known of people's calibre is 0 to 1."""
    best: dict[int, float] = {}
    for one in links:
        if one.is_live:
            best[one.contact] = max(best.get(one.contact, 0.0), one.alive)
    told = [calibres[person] for person in best if person in calibres]
    return Worth(
        calibre=max(told, default=UNKNOWN_CALIBRE),
        quality=sum(best.values()) / len(best) if best else 0.0,
        number=min(len(best) / WIDE, 1),
        is_calibre_known=bool(told),
    )
