"""What is told about one person's scores: the document that is kept, and answered as it is."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from app.store import tables


class Named(BaseModel):
    """A person, by id and name."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    is_colleague: bool


class CardOverride(BaseModel):
    """Why a tie is shown as a person says, and what is computed."""

    model_config = ConfigDict(frozen=True)

    author: str
    reason: str
    expires_at: datetime = Field(description="From then on the computed value is shown again.")
    computed_strength: int = Field(ge=0, le=100)
    computed_band: str

    @classmethod
    def of(cls, said: tables.Override | None, strength: int, band: str) -> "CardOverride | None":
        """Tell of an override beside the computed strength and band; None of none."""
        if said is None:
            return None
        return cls(
            author=said.author,
            reason=said.reason,
            expires_at=said.expires_at,
            computed_strength=strength,
            computed_band=band,
        )


class CardTie(BaseModel):
    """One tie, as the person whose card it is on sees it."""

    model_config = ConfigDict(frozen=True)

    other: Named
    strength: int = Field(ge=0, le=100, description="Tie strength, shown 0 to 100.")
    band: str
    status: str
    trend: int = Field(description="Points gained in the last 30 days; below 0 if it lost some.")
    depth: int = Field(
        ge=0, le=100, description="Points on average 90, 180, 270 and 360 days ago: what lasts."
    )
    momentum: int = Field(description="Strength less depth.")
    alive: float = Field(ge=0, le=1, description="Chance of two-way contact in the next 90 days.")
    confidence: float = Field(ge=0, le=1, description="How far the evidence carries the score.")
    doubts: list[str] = Field(description="Why confidence is not higher, in plain words.")
    overlap: float = Field(ge=0, le=1, description="How many of those either knows, both know.")
    is_personal: bool = Field(description="Whether they were ever in touch but in a crowd.")
    sent: int = Field(description="Contacts from this person to the other.")
    received: int = Field(description="Contacts from the other to this person.")
    undirected: int = Field(description="Contacts whose direction the CRM does not tell.")
    active_days: int = Field(description="Days with contact.")
    first_contact: datetime
    last_contact: datetime
    rhythm_days: float | None = Field(description="Usual days from one active day to the next.")
    answers_in_h: float | None = Field(
        description="Median hours until this person answers; null where no thread shows a reply."
    )
    answered_in_h: float | None = Field(description="The same of the other.")
    override: CardOverride | None = Field(
        default=None, description="Where strength and band are what a person says."
    )


class CardAdvice(BaseModel):
    """What a rule recommends about this person."""

    model_config = ConfigDict(frozen=True)

    rule: str
    colleague: Named
    contact: Named
    priority: float = Field(ge=0, le=1)
    reason: str
    objective: str = Field(description="What to be after.")
    second_objective: str = Field(description="What to settle for.")
    due_on: date = Field(description="Until when to do it.")
    evidence: dict[str, int] = Field(description="The numbers that the reason follows from.")


class Card(BaseModel):
    """One person's scores at one moment: their ten strongest ties and what to do about them."""

    model_config = ConfigDict(frozen=True)

    person: Named
    as_of: datetime = Field(description="Ages are measured from the end of this UTC day.")
    model: str = Field(description="Version of the model.")
    best: CardTie | None = Field(
        description="The strongest tie with a colleague; for a colleague, with anybody outside."
    )
    last_contact: datetime | None = Field(
        description="With any colleague; for a colleague, with anybody outside."
    )
    ties_in_all: int
    ties: list[CardTie]
    recommendations: list[CardAdvice]
