"""What an operator sets, read once from the environment (``TIELINE_*``) or an ``.env`` file."""

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import NotReady


class Settings(BaseSettings):
    """Every setting, with its unit in its name; each stands in ``deploy/.env.example`` too."""

    model_config = SettingsConfigDict(env_prefix="TIELINE_", env_file=".env", extra="ignore")

    database_url: str = Field(
        default="sqlite:///var/tieline.db",
        description="Where Tieline keeps its data: sqlite:///file.db or postgresql+psycopg://…",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Encrypts the CRMs' credentials: 32 bytes as base64, from `tieline new-key`.",
    )
    api_key: SecretStr = Field(
        default=SecretStr(""),
        description="What callers of the API send as a bearer token; empty only on loopback.",
    )
    public_url: str = Field(
        default="",
        description="Where the CRMs reach this service, as https://tieline.acme.com: for webhooks.",
    )
    open_console: bool = Field(
        default=False,
        description="Nobody signs in to the console: for demos, and only on this machine.",
    )
    loopback_subscribers: bool = Field(
        default=False,
        description="Events may be sent to this machine too, without https: for tests and demos.",
    )
    pull_every_minutes: int = Field(
        default=15, ge=0, description="How often the CRMs are pulled; 0 switches the schedule off."
    )
    introductions_per_month: int = Field(
        default=3,
        ge=0,
        description="How often anybody is asked for an introduction in 30 days; 0 for no limit.",
    )
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged."
    )


def plain_settings(**given: object) -> Settings:
    """Make settings of the defaults and what is given; the environment and files are not asked."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    return Settings(_env_file=None, **(defaults | given))  # type: ignore[call-arg]


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        NotReady: If one of them cannot be what it is set to; names it, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "TIELINE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise NotReady(f"{name} cannot be used: {first['msg']}.") from None
