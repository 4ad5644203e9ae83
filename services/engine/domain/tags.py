"""Tags and metadata: short texts that people attach to workflows and runs."""

from collections.abc import Mapping

from libs.chassis.decider import Rejected
from services.engine.domain.limits import METADATA_ENTRIES, TAG_KEY_CHARACTERS, TAG_VALUE_CHARACTERS, TAGS

RESERVED_PREFIX = "mobius:"


def check_tags(tags: Mapping[str, str]) -> Rejected | None:
    """The first thing that is wrong with tags that a caller has set, if any is."""
    if len(tags) > TAGS:
        return _refused("tags", f"expected at most {TAGS} tags, but got {len(tags)}")
    for key, value in tags.items():
        if not 1 <= len(key) <= TAG_KEY_CHARACTERS:
            return _refused("tags", f"expected keys of 1 to {TAG_KEY_CHARACTERS} characters, but one has {len(key)}")
        if key.startswith(RESERVED_PREFIX):
            return _refused(f"tags.{key}", f"expected a key without the prefix {RESERVED_PREFIX}, but got {key!r}")
        if len(value) > TAG_VALUE_CHARACTERS:
            sentence = f"expected at most {TAG_VALUE_CHARACTERS} characters, but the value has {len(value)}"
            return _refused(f"tags.{key}", sentence)
    return None


def check_metadata(metadata: Mapping[str, str]) -> Rejected | None:
    """As for tags, with more room and no reserved keys."""
    if len(metadata) > METADATA_ENTRIES:
        return _refused("metadata", f"expected at most {METADATA_ENTRIES} entries, but got {len(metadata)}")
    for key, value in metadata.items():
        if not 1 <= len(key) <= TAG_KEY_CHARACTERS or len(value) > TAG_VALUE_CHARACTERS:
            limits = f"keys of 1 to {TAG_KEY_CHARACTERS} and values of up to {TAG_VALUE_CHARACTERS} characters"
            return _refused("metadata", f"expected {limits}, but the entry {key[:64]!r} is larger")
    return None


def merged(inherited: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """A run's tags: the workflow's, overridden by the caller's; an empty value takes the tag away."""
    return {key: value for key, value in {**inherited, **given}.items() if value}


def _refused(field: str, sentence: str) -> Rejected:
    return Rejected("invalid_argument", sentence, field=field)
