"""The atlas, by the name it had; `app.atlas` is where it is kept."""

from app.atlas import Atlas, Chart

__all__ = ["Atlas", "Chart"]
