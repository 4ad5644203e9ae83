"""Saying: what is committed is published, in order, by one relay for each shard."""

from tests.mutants.mutant import Mutant

_RELAY = "tests/integration/chassis/test_relay.py"
_COMMITS = "tests/integration/chassis/test_commits.py"
_WRITE_PATH = "tests/integration/chassis/test_write_path.py"

OUTBOX = (
    Mutant(
        name="events-are-remembered-as-unpublished",
        danger="A process that dies between commit and publishing has taken the events with it.",
        path="libs/chassis/journal/store.py",
        old='        Part("outboxed", QUERIES["remember_unpublished"], '
        "([entry.shard for entry in entries], streams, sequences)),\n",
        new="",
        killers=(f"{_COMMITS}::test_a_commit_that_breaks_is_there_once",),
    ),
    Mutant(
        name="a-taken-sequence-is-a-conflict",
        danger="Of two that write to one stream, one loses its event and is told that all is well.",
        path="libs/chassis/journal/journal.sql",
        old="SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])\n",
        new="SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])\nON CONFLICT DO NOTHING\n",
        killers=(f"{_WRITE_PATH}::test_a_taken_sequence_is_a_conflict_and_writes_nothing",),
    ),
    Mutant(
        name="an-event-follows-its-predecessor",
        danger="Of two commits that wake up in the wrong order, the later event is published first.",
        path="libs/chassis/outbox/sequencer.py",
        old="            if sequence == last + 1:\n",
        new="            if sequence > last:\n",
        killers=("tests/unit/chassis/test_sequencer.py::test_an_event_ahead_of_its_predecessor_waits_and_is_a_gap",),
    ),
    Mutant(
        name="a-gap-is-read-back",
        danger="An event that was offered before its predecessor is forgotten without having been sent.",
        path="libs/chassis/outbox/shard_relay.py",
        old="ready, self._read_back = self._sequencer.admit(",
        new="ready, _ = self._sequencer.admit(",
        killers=(f"{_RELAY}::test_what_is_offered_ahead_of_its_predecessor_is_read_back_with_it",),
    ),
    Mutant(
        name="a-failed-send-stops-its-stream",
        danger="One send fails, the next succeeds: the stream has a hole.",
        path="libs/chassis/outbox/shard_relay.py",
        old="            await self._producer.publish(same[0].topic, partition, [_message(entry) for entry in same])\n",
        new="            try:\n"
        "                await self._producer.publish(same[0].topic, partition, [_message(entry) for entry in same])\n"
        "            except PublishFailed:\n"
        "                continue\n",
        killers=(f"{_RELAY}::test_what_follows_a_failed_send_waits_for_it",),
    ),
    Mutant(
        name="a-row-is-forgotten-after-its-acknowledgement",
        danger="A send that fails has nothing left to be sent again.",
        path="libs/chassis/outbox/shard_relay.py",
        old="                await self._send(entries)\n",
        new="                self._table.forget(done)\n                await self._send(entries)\n",
        killers=(f"{_RELAY}::test_what_follows_a_failed_send_waits_for_it",),
    ),
    Mutant(
        name="unpublished-rows-come-in-order",
        danger="What a dead process left behind is published in any order.",
        path="libs/chassis/outbox/outbox.sql",
        old="ORDER BY sized.place, sized.at\n",
        new="ORDER BY sized.place DESC, sized.at\n",
        killers=(f"{_WRITE_PATH}::test_events_of_another_process_are_read_back_in_order",),
    ),
    Mutant(
        name="one-owner-per-shard",
        danger="Two relays publish one shard, and overtake each other.",
        path="libs/chassis/outbox/relay.py",
        old='if row is not None and row["owned"]:',
        new="if row is not None:",
        killers=(f"{_RELAY}::test_a_shard_has_one_owner_and_the_next_takes_over",),
    ),
    Mutant(
        name="a-paused-owner-loses-its-shards",
        danger="A relay that was stopped in its tracks keeps its shards, and nobody publishes them.",
        path="libs/chassis/outbox/relay.py",
        old=", settings=idle)\n",
        new=")\n",
        killers=(f"{_RELAY}::test_an_owner_that_sleeps_too_long_has_lost_its_shards_and_sees_it",),
    ),
    Mutant(
        name="an-owner-without-session-lets-go",
        danger="A relay that lost its lock goes on publishing beside its successor.",
        path="libs/chassis/outbox/relay.py",
        old="        if self._election.broken:\n            await self._let_go()\n",
        new="        if self._election.broken:\n",
        killers=(f"{_RELAY}::test_an_owner_that_sleeps_too_long_has_lost_its_shards_and_sees_it",),
    ),
    Mutant(
        name="the-floor-looks-without-being-told",
        danger="A notification that got lost leaves its events in the outbox.",
        path="libs/chassis/outbox/relay.py",
        old="            if self._shards[shard].idle or self._looks % LOOKS_PER_SWEEP == 0:\n"
        "                self._shards[shard].hint()\n",
        new="            _ = shard\n",
        killers=(f"{_RELAY}::test_what_nobody_offered_is_published_under_unending_work_too",),
    ),
    Mutant(
        name="a-hint-is-told-once",
        danger="Every commit, or every second for ever, takes the lock that notifications take on the whole database.",
        path="libs/chassis/outbox/relay.py",
        old="            self._foreign.discard(shard)\n",
        new="",
        killers=(f"{_RELAY}::test_the_owner_of_a_shard_is_told_once_of_many_commits",),
    ),
    Mutant(
        name="too-large-is-refused-when-written",
        danger="An event that no broker takes is committed, and everything behind it waits for ever.",
        path="libs/chassis/journal/entry.py",
        old="    if len(raw) + 1024 > topic.max_message_bytes:\n",
        new="    if len(raw) < 0:\n",
        killers=("tests/unit/chassis/test_entry.py::test_an_event_that_its_topic_would_not_take_is_refused",),
    ),
    Mutant(
        name="an-unclear-commit-is-tried-again",
        danger="A connection that breaks around a commit: the caller is refused, although it may have happened.",
        path="libs/chassis/journal/commit.py",
        old="    except OutcomeUnknown as broken:\n",
        new="    except ZeroDivisionError as broken:\n",
        killers=(f"{_COMMITS}::test_a_commit_that_breaks_is_there_once",),
    ),
    Mutant(
        name="a-conflict-with-oneself-is-success",
        danger="A commit that took effect is tried again and refused.",
        path="libs/chassis/journal/commit.py",
        old="        if not await _appended(link, appended):\n            raise\n",
        new="        raise\n",
        killers=(f"{_COMMITS}::test_a_commit_that_breaks_is_there_once[True]",),
    ),
    Mutant(
        name="a-conflict-with-others-is-none-with-oneself",
        danger="What another writer has committed is taken for one's own, and the caller's command is lost.",
        path="libs/chassis/journal/journal.sql",
        old="AS mine (stream, seq, event) USING (stream, seq, event)",
        new="AS mine (stream, seq, event) USING (stream, seq)",
        killers=(f"{_COMMITS}::test_what_another_writer_has_committed_alone_is_a_conflict",),
    ),
    Mutant(
        name="a-full-outbox-refuses",
        danger="While the broker is away, writes go on until the disk is full.",
        path="libs/chassis/outbox/backlog.py",
        old="        if self.is_full:\n            raise OutboxFull(",
        new="        if self.events < 0:\n            raise OutboxFull(",
        killers=("tests/unit/chassis/test_backlog.py::test_a_full_backlog_refuses_until_something_is_published",),
    ),
)
