"""The base of every event payload, and the base of the records inside one."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, GetPydanticSchema
from pydantic_core import core_schema
from typing_extensions import TypeAliasType

from libs.contracts.codec import Json

JsonValue = TypeAliasType("JsonValue", Annotated[Json, GetPydanticSchema(lambda _, __: core_schema.any_schema())])
"""A value that `parse_json` read or an expression made, and so is JSON. It is taken as it is: pydantic's own type of
this name calls Python once for every number and string in it, half a millisecond for a result of 100 rows."""


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
