"""Tags and metadata: short texts that people attach to workflows and runs."""

from collections.abc import Mapping

from libs.chassis.decider import Rejected
from libs.contracts.tags import TAG_KEY_CHARACTERS, TAG_VALUE_CHARACTERS, tag_problem
from services.engine.domain.limits import METADATA_ENTRIES


def check_tags(tags: Mapping[str, str]) -> Rejected | None:
    """The first thing that is wrong with tags that a caller has set, if any is."""
    problem = tag_problem(tags)
    return None if problem is None else _refused(problem.field, problem.sentence)


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
