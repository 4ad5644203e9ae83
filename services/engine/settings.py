"""The engine's settings: each field a sentence and a unit."""

from pydantic import Field

from libs.chassis.settings import Count, Seconds, ServiceSettings


class EngineSettings(ServiceSettings):
    """Read from `ENGINE_…`, else `MOBIUS_…`, else the default."""

    runs_cached: Count = Field(20_000, description="Runs whose state is kept in memory.")
    runs_cached_bytes: Count = Field(
        64 * 1024 * 1024, description="Events (bytes) that the runs in memory were folded from; older runs make room."
    )
    definitions_cached: Count = Field(1_000, description="Workflow definitions that are kept in memory.")
    watch_floor_seconds: Seconds = Field(
        1, description="Time after which watchers see what another replica committed (seconds)."
    )
    watcher_backlog: Count = Field(
        2_000, description="Events that wait for one watcher; a slower one is let go and has to come back."
    )
