"""JSON whose shape nobody has promised: what is not of the shape that is looked for counts as nothing."""

from collections.abc import Iterator

from libs.contracts.codec import Json, JsonObject


def objects(value: Json) -> Iterator[JsonObject]:
    """The objects of a list; nothing of anything else."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def words(value: Json) -> str:
    """A text as it is; nothing for anything else."""
    return value if isinstance(value, str) else ""
