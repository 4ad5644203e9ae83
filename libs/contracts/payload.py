"""The base of every event payload, and the base of the records inside one."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A part of a payload: immutable, strict about types, deaf to fields it does not know (newer writers may add).

    A string below a field is its description, also in the JSON Schema.
    """

    model_config = ConfigDict(
        frozen=True, strict=True, extra="ignore", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Payload(Record):
    """The `data` of one event type at one version. Subclasses say which by `type` and `version`."""

    type: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def dataschema(cls) -> str:
        """The URN that names this payload's JSON Schema."""
        return f"urn:mobius:{cls.type}:{cls.version}"
