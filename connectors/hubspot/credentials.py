"""What an admin enters to connect a HubSpot portal."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

BASE_URL = "https://api.hubapi.com"

OLDEST = "v3"
"""The paths before HubSpot dated them (v4 for associations); their support ends in 2027."""


class Credentials(BaseModel):
    """A service key or app token of one portal, or an OAuth app with its refresh token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    access_token: SecretStr | None = Field(
        default=None,
        title="Service key or app token",
        description="In HubSpot: Development, Keys, Service keys. Leave empty to use OAuth.",
    )
    client_id: str | None = Field(
        default=None,
        title="Client ID",
        description="Of the OAuth app, from its Auth page in HubSpot. Only for OAuth.",
    )
    client_secret: SecretStr | None = Field(
        default=None,
        title="Client secret",
        description="Of the OAuth app, from the same page. Only for OAuth.",
    )
    refresh_token: SecretStr | None = Field(
        default=None,
        title="Refresh token",
        description="What HubSpot gave when the app was installed in the portal. Only for OAuth.",
    )
    base_url: str = Field(
        default=BASE_URL,
        title="Address",
        description="Of HubSpot's API. Change it only for portals hosted elsewhere (api-eu1...).",
    )

    api_version: str = Field(
        default="2026-03",
        title="API version",
        description="As HubSpot dates them (2026-03), or v3. Change it when HubSpot ends one.",
        pattern=rf"^({OLDEST}|20\d\d-\d\d)$",
    )

    @field_validator("access_token", "client_id", "client_secret", "refresh_token", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """Take an empty box of a form for nothing."""
        return None if isinstance(value, str) and not value.strip() else value

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        oauth = {
            "client ID": self.client_id,
            "client secret": self.client_secret,
            "refresh token": self.refresh_token,
        }
        missing = [name for name, value in oauth.items() if value is None]
        if self.access_token is not None and len(missing) < len(oauth):
            raise ValueError("Enter either a service key or app token, or the OAuth app, not both.")
        if self.access_token is None and len(missing) == len(oauth):
            raise ValueError("Enter a service key or app token, or the three values of OAuth.")
        if self.access_token is None and missing:
            raise ValueError(f"For OAuth, enter the {' and the '.join(missing)} too.")
        return self
