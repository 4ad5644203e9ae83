"""Topics with a wrong number of partitions are refused; what is missing is another's affair."""

from libs.chassis.bus.partition_counts import topics_of, wrong_counts

TOPICS = topics_of("engine")
RIGHT = {topic.name: topic.partitions for topic in TOPICS}


def test_a_service_looks_at_what_it_says_and_what_it_hears() -> None:
    assert {topic.name for topic in TOPICS} == {
        "mobius.catalog-action-state.v1",
        "mobius.catalog-api-key-state.v1",
        "mobius.catalog-project-state.v1",
        "mobius.dispatcher-action-state.v1",
        "mobius.dispatcher-events.v1",
        "mobius.engine-dead-letters.v1",
        "mobius.engine-events.v1",
        "mobius.engine-key-use-state.v1",
    }


def test_right_counts_and_missing_topics_are_no_problem() -> None:
    assert wrong_counts(TOPICS, RIGHT) == []
    assert wrong_counts(TOPICS, {"mobius.engine-events.v1": 0}) == []


def test_every_wrong_count_is_named() -> None:
    problems = wrong_counts(TOPICS, {**RIGHT, "mobius.engine-events.v1": 8, "mobius.catalog-project-state.v1": 2})
    assert problems == [
        "expected topic mobius.catalog-project-state.v1 to have 1 partitions, but it has 2",
        "expected topic mobius.engine-events.v1 to have 4 partitions, but it has 8",
    ]
