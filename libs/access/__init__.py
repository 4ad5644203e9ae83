"""Who may come in, known in every service alike: API keys and projects, from the catalog's compacted topics.

The chassis asks two questions at the door (who holds this key, is there such a project) and knows no business word;
the catalog owns the answers; here they meet. A service builds one `Access`, hands its `replicas` to its `StateReader`
and the access itself, twice, to its door:

    access = Access(SystemClock())
    states = StateReader(bootstrap, "mobius-engine-states", [*access.replicas, …])
    access.read_with(states.catch_up)
    door = Door(routes, access, access, …)

A call that waits is ended when its key or project ends: the access's `version` tells the door that something changed.
When keys were used is noted in memory and said once a minute, by a `UseAnnouncer`.

What is unknown or refused is looked for once more at the topics' present end, so what was answered a moment ago works
here: a new key, a new project, a new member, a project that was just restored. That something was missing a moment ago
says nothing, so every miss waits for a look of its own time; but all who miss share it, and there are at most twenty in
a second, so that nobody can drive them.
"""

from libs.access.access import Access
from libs.access.use_announcer import UseAnnouncer

__all__ = ["Access", "UseAnnouncer"]
