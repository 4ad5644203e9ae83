"""What a caller may be refused by more than one part of the platform, told alike by all of them: code and sentence."""

from typing import Final

ARCHIVED_CODE: Final = "project_archived"
ARCHIVED_SENTENCE: Final = "expected a project that takes changes, but it is archived"
