"""Who may come in, known in every service alike: API keys and projects, from the catalog's compacted topics.

The chassis asks two questions at the door (who holds this key, is there such a project) and knows no business word;
the catalog owns the answers; here they meet. A service builds one `Access`, hands its `replicas` to its `StateReader`
and the access itself, twice, to its door:

    access = Access(SystemClock())
    states = StateReader(bootstrap, "mobius-engine-states", [*access.replicas, …])
    access.read_with(states.catch_up)
    door = Door(routes, access, access, …)

What is unknown is looked for once more at the topics' present end, so a key that was answered a moment ago works here.
Such looks are shared, and what was just looked for in vain is not looked for again, so that nobody can drive them.
"""

from libs.access.access import Access

__all__ = ["Access"]
