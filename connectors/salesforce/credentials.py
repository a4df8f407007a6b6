"""What Tieline needs to know to connect to a Salesforce org; an admin's form is made from it."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class Credentials(BaseModel):
    """An external client app of the org, and how Tieline signs in with it."""

    model_config = ConfigDict(frozen=True)

    instance_url: str = Field(
        title="My Domain address",
        description="The address of your org, like https://acme.my.salesforce.com "
        "(Setup, My Domain).",
    )
    client_id: str = Field(
        title="Consumer key",
        description="Of the external client app made for Tieline (Setup, External Client App "
        "Manager, OAuth settings).",
    )
    client_secret: SecretStr | None = Field(
        default=None,
        title="Consumer secret",
        description="Shown next to the consumer key.",
    )
    refresh_token: SecretStr | None = Field(
        default=None,
        title="Refresh token",
        description="Leave empty to sign in as the app's run-as user (client credentials flow); "
        "otherwise the token given when a user authorised the app.",
    )
    username: str = Field(
        default="",
        title="Username",
        description="Of the integration user, as it signs in. Only with a private key.",
    )
    private_key: SecretStr | None = Field(
        default=None,
        title="Private key",
        description="The whole file in PEM form, without a password, whose certificate the app "
        "has. Instead of a consumer secret.",
        json_schema_extra={"lines": True},
    )
    api_version: str = Field(
        default="67.0",
        title="API version",
        description="The version of Salesforce's API to use.",
        pattern=r"^\d{2,3}\.0$",
    )
    pubsub_address: str = Field(
        default="api.pubsub.salesforce.com:7443",
        title="Address of the Pub/Sub API",
        description="Where change events are listened to, if they are. Change it only where "
        "Salesforce says so.",
        pattern=r"^(([\w-]+\.)*salesforce\.com|127\.0\.0\.1|localhost):\d{1,5}$",
    )
    tenant: str = Field(
        default="",
        title="Org id",
        description="Leave empty: Tieline notes it when it first connects, and then refuses "
        "every other org.",
        pattern=r"^(00D[0-9A-Za-z]{12}([0-9A-Za-z]{3})?)?$",
    )

    @field_validator("client_secret", "refresh_token", "private_key", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """Take an empty box of a form for nothing."""
        return None if isinstance(value, str) and not value.strip() else value

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.client_secret is None) is (self.private_key is None):
            raise ValueError("Enter either a consumer secret or a private key.")
        if (self.private_key is None) is bool(self.username):
            raise ValueError("Enter a username with a private key, and only then.")
        return self
