"""Hearing: every record is handled once or set aside once, in order, and nobody is held up by another."""

from tests.mutants.mutant import Mutant

_CONSUMER = "tests/unit/chassis/bus/test_consumer.py"
_AWAY = f"{_CONSUMER}::test_what_is_away_is_waited_for_and_not_tried_again_at_once"
_STREAMS = "tests/unit/chassis/bus/test_streams.py"
_POISON = "tests/integration/poison/test_poison.py"
_INTERRUPTIONS = "tests/integration/poison/test_interruptions.py"
_POSITIONS = "tests/integration/chassis/test_positions.py"
_COUNTS = "tests/integration/poison/test_partition_counts.py"
_AUDIT = "[audit hears dispatcher-events]"
_SPOILT = f"{_POISON}::test_what_cannot_be_understood_is_set_aside_once_and_the_good_ones_go_on{_AUDIT}"
_BUGGY = f"{_POISON}::test_a_handler_that_raises_or_hangs_parks_the_one_stream_and_no_other{_AUDIT}"

BUS = (
    Mutant(
        name="undecodable-is-caught-record-by-record",
        danger="A record that is no event fails its whole batch, again and again, as a bug of the handler.",
        path="libs/chassis/bus/decoding.py",
        old="        except Undecodable as error:\n            decoded.aside.append",
        new="        except ZeroDivisionError as error:\n            decoded.aside.append",
        killers=(_SPOILT,),
    ),
    Mutant(
        name="odd-header-names-are-read",
        danger="The client library raises at a header name that is not UTF-8, and reads nothing behind it ever again.",
        path="libs/chassis/bus/odd_headers.py",
        old="    fetcher.MemoryRecords = _Records\n",
        new="    _ = fetcher\n",
        killers=(_SPOILT,),
    ),
    Mutant(
        name="dead-letters-take-any-bytes",
        danger="The dead letter of a record with an odd header cannot be written, so the record blocks its partition.",
        path="libs/chassis/bus/parking.py",
        old='name.encode("utf-8", "surrogateescape")',
        new="name.encode()",
        killers=("tests/unit/chassis/bus/test_dead_letters.py::test_every_byte_of_a_record_is_kept",),
    ),
    Mutant(
        name="dead-letters-are-written",
        danger="A record that cannot be decoded is passed over and nobody ever hears of it.",
        path="libs/chassis/bus/ledger.py",
        old="entries = [*effects.entries, *self._letters(aside)]",
        new="entries = [*effects.entries]",
        killers=(_SPOILT,),
    ),
    Mutant(
        name="dead-letters-move-with-the-position",
        danger="A process that dies between the position and the dead letter has lost the record.",
        path="libs/chassis/bus/ledger.py",
        old="            await run(self._link, [*parts, *append_parts(entries), *effects.parts])\n",
        new="            await run(self._link, [*parts, *effects.parts])\n"
        "            await run(self._link, append_parts(entries))\n",
        killers=(
            "tests/architecture/test_failpoints.py::test_every_durable_effect_leads_into_a_named_state",
            f"{_POSITIONS}::test_a_dead_letter_that_cannot_be_written_leaves_the_position_where_it_was",
        ),
    ),
    Mutant(
        name="a-dead-letter-is-written-once",
        danger="Who hears a partition anew meets its old dead letters, and is stopped by the first.",
        path="libs/chassis/bus/ledger.py",
        old="return [one for one, place in zip(aside, places, strict=True) if place not in known]",
        new="return list(aside) if known else aside",
        killers=(f"{_INTERRUPTIONS}::test_who_hears_everything_anew_sets_nothing_aside_twice[audit]",),
    ),
    Mutant(
        name="position-is-compared",
        danger="A paused replica that wakes up moves the position although another one has gone on: all happens twice.",
        path="libs/chassis/bus/positions.sql",
        old=" AND p.next_offset = moved.old_offset",
        new="",
        killers=(f"{_POSITIONS}::test_of_two_that_hold_a_partition_one_moves_its_position",),
    ),
    Mutant(
        name="position-has-to-move",
        danger="Nobody counts the positions that moved, so effects stand beside a position that did not.",
        path="libs/chassis/bus/positions.py",
        old='QUERIES["advance_positions"], args, expect=len(places))',
        new='QUERIES["advance_positions"], args)',
        killers=(f"{_POSITIONS}::test_of_two_that_hold_a_partition_one_moves_its_position",),
    ),
    Mutant(
        name="stale-batch-is-dropped",
        danger="A batch that was taken before its partition went away and came back is applied a second time.",
        path="libs/chassis/bus/consumer.py",
        old="        if behind:\n",
        new="        if behind and not behind:\n",
        killers=(f"{_CONSUMER}::test_a_batch_whose_partition_went_on_elsewhere_and_came_back_is_not_applied",),
    ),
    Mutant(
        name="first-record-is-the-earliest",
        danger="Whoever hears a topic for the first time misses everything that was said before.",
        path="libs/chassis/bus/source.py",
        old="self._consumer.beginning_offsets(list(assigned))",
        new="self._consumer.end_offsets(list(assigned))",
        killers=(f"{_INTERRUPTIONS}::test_who_hears_everything_anew_sets_nothing_aside_twice[audit]",),
    ),
    Mutant(
        name="a-position-that-is-gone-is-no-leap",
        danger="Records that the broker has thrown away are leapt over without a word.",
        path="libs/chassis/bus/source.py",
        old='auto_offset_reset="none"',
        new='auto_offset_reset="earliest"',
        killers=(f"{_POSITIONS}::test_a_position_before_the_first_record_is_told_and_not_leapt_over",),
    ),
    Mutant(
        name="broker-keeps-no-positions",
        danger="The broker keeps positions of its own, moved by the clock and not by what was handled.",
        path="libs/chassis/bus/source.py",
        old="enable_auto_commit=False",
        new="enable_auto_commit=True",
        killers=(f"{_POSITIONS}::test_the_broker_is_not_told_any_position",),
    ),
    Mutant(
        name="assignment-waits-for-its-place",
        danger="A database that is away while partitions are assigned: they are read from wherever the library likes.",
        path="libs/chassis/bus/source.py",
        old="            if await self._placed(assigned):\n                break",
        new="            await self._placed(assigned)\n            break",
        killers=(f"{_CONSUMER}::test_a_database_that_is_away_at_the_assignment_is_waited_for",),
    ),
    Mutant(
        name="a-bug-is-tried-several-times",
        danger="One unlucky moment of a handler makes a dead letter of a good record.",
        path="libs/chassis/bus/consumer.py",
        old="elif tried < TRIES:",
        new="elif tried < 1:",
        killers=(_BUGGY,),
    ),
    Mutant(
        name="a-bug-is-not-tried-for-ever",
        danger="One record that no handler can bear holds up its partition for good.",
        path="libs/chassis/bus/consumer.py",
        old="elif tried < TRIES:",
        new="elif tried < 1_000_000:",
        killers=(_BUGGY,),
    ),
    Mutant(
        name="a-failed-stream-is-parked",
        danger="What follows a record that failed is handled as if it had not.",
        path="libs/chassis/bus/consumer.py",
        old='            plan.park(item, "handler_failed", error, dead_lettered=True)\n',
        new="            _ = item\n",
        killers=(_BUGGY,),
    ),
    Mutant(
        name="what-is-away-is-waited-for",
        danger="A database that goes away is taken for a bug of the handler, and a good record becomes a dead letter.",
        path="libs/chassis/bus/consumer.py",
        old="        except Unavailable:\n            raise\n        except Exception as failure:\n",
        new="        except Exception as failure:\n",
        killers=(f"{_AWAY}[at once]", f"{_AWAY}[after a bug]"),
    ),
    Mutant(
        name="a-handler-has-its-time",
        danger="A handler that hangs holds up its partitions for good.",
        path="libs/chassis/bus/handling.py",
        old="asyncio.timeout(self._within)",
        new="asyncio.timeout(None)",
        killers=(
            "tests/unit/chassis/bus/test_handling.py::test_a_handler_that_hangs_has_failed_unless_the_database_is_away",
        ),
    ),
    Mutant(
        name="a-slow-database-is-no-hanging-handler",
        danger="A database that does not answer parks the streams of whoever waits for it.",
        path="libs/chassis/bus/handling.py",
        old="            await read_positions(self._link)\n",
        new="",
        killers=(
            "tests/unit/chassis/bus/test_handling.py::test_a_handler_that_hangs_has_failed_unless_the_database_is_away",
        ),
    ),
    Mutant(
        name="a-gap-parks-its-stream",
        danger="A record that is missing is not missed: the handler gets its successors.",
        path="libs/chassis/bus/plan.py",
        old="            or sequence == last[0] + 1\n",
        new="            or sequence >= last[0] + 1\n",
        killers=(f"{_STREAMS}::test_a_gap_parks_the_stream_and_keeps_what_follows",),
    ),
    Mutant(
        name="a-repeat-is-dropped",
        danger="What the relay of a killed process sends again is handled again.",
        path="libs/chassis/bus/plan.py",
        old="            last is None\n            or sequence ==",
        new="            last is None\n            or sequence <= last[0]\n            or sequence ==",
        killers=(f"{_STREAMS}::test_a_repeat_is_dropped_and_another_record_of_its_name_set_aside",),
    ),
    Mutant(
        name="a-repeat-says-the-same",
        danger="Two events under one sequence: the second is dropped as a repeat and nobody knows.",
        path="libs/chassis/bus/plan.py",
        old="elif sequence == last[0] and hash(item.record.value) != last[1]:",
        new="elif sequence == last[0] and hash(item.record.value) == -2:",
        killers=(f"{_STREAMS}::test_a_repeat_is_dropped_and_another_record_of_its_name_set_aside",),
    ),
    Mutant(
        name="a-gap-is-looked-for-before-the-position",
        danger="After a restart, an old repeat looks like a gap and parks a healthy stream.",
        path="libs/chassis/bus/consumer.py",
        old="forgiven = await without_gap(self._bootstrap, plan.gaps)",
        new="forgiven = set[str]()",
        killers=(f"{_INTERRUPTIONS}::test_old_repeats_behind_a_restart_are_not_taken_for_a_gap[audit]",),
    ),
    Mutant(
        name="nothing-is-kept-for-a-stream-that-went-on",
        danger="A record is kept for a stream that another replica has just let go on, and waits there for ever.",
        path="libs/chassis/bus/parking.py",
        old='QUERIES["touch_parked"], args, expect=len(parked))',
        new='QUERIES["touch_parked"], args)',
        killers=(
            "tests/integration/poison/test_zombies.py"
            "::test_a_holder_that_does_not_know_that_its_stream_went_on_elsewhere_goes_on_too[audit]",
        ),
    ),
    Mutant(
        name="a-stream-goes-on-as-it-was-seen",
        danger="A stream is let go on although a record was kept for it meanwhile, which is then forgotten.",
        path="libs/chassis/bus/parking.sql",
        old="DELETE FROM parked_streams WHERE id = $1 AND version = $2 RETURNING 1",
        new="DELETE FROM parked_streams WHERE id = $1 AND $2::bigint IS NOT NULL RETURNING 1",
        killers=(
            "tests/integration/poison/test_zombies.py"
            "::test_a_record_that_comes_while_a_zombie_lets_the_stream_go_on_is_not_left_behind[audit]",
        ),
    ),
    Mutant(
        name="partition-counts-are-checked",
        danger="A topic that was given more partitions has its keys elsewhere, and their order is gone.",
        path="libs/chassis/bus/partition_counts.py",
        old='            raise WrongPartitionCount("; ".join(problems))\n',
        new="            problems.clear()\n",
        killers=(f"{_COUNTS}::test_a_topic_with_another_count_is_refused_and_a_missing_one_is_not",),
    ),
    *(
        Mutant(
            name=f"partition-counts-are-checked-by-{service}",
            danger="A service starts on topics whose keys are elsewhere.",
            path=f"services/{service}/app.py",
            old=old,
            new=new,
            killers=(f"{_COUNTS}::test_a_service_looks_at_its_topics_before_anything_else[{service}]",),
        )
        for service, old, new in (
            ("catalog", '            PartitionCounts(topics_of("catalog"), self.settings.kafka_bootstrap),\n', ""),
            ("engine", '            PartitionCounts(topics_of("engine"), self.settings.kafka_bootstrap),\n', ""),
            (
                "dispatcher",
                '            PartitionCounts(topics_of("dispatcher"), self.settings.kafka_bootstrap),\n',
                "",
            ),
            ("audit", '            PartitionCounts(topics_of("audit"), bootstrap),\n', ""),
        )
    ),
    Mutant(
        name="kept-records-go-on-in-order",
        danger="What was kept while a record was missing is handled in the order in which it came.",
        path="libs/chassis/bus/parking.sql",
        old="ORDER BY sequence, record_offset\n",
        new="ORDER BY record_offset\n",
        killers=(f"{_POISON}::test_a_gap_parks_the_stream_until_the_missing_record_comes{_AUDIT}",),
    ),
    Mutant(
        name="all-replicas-acknowledge",
        danger="An event that one broker alone has taken is lost with that broker.",
        path="libs/chassis/bus/producer.py",
        old='                    acks="all",\n                    enable_idempotence=True,\n',
        new="                    acks=1,\n                    enable_idempotence=False,\n",
        killers=("tests/unit/chassis/bus/test_producer.py::test_the_library_is_told_to_be_safe",),
    ),
    Mutant(
        name="producer-is-idempotent",
        danger="What the library sends again by itself lies on the topic twice, or behind its successor.",
        path="libs/chassis/bus/producer.py",
        old="                    enable_idempotence=True,\n",
        new="                    enable_idempotence=False,\n",
        killers=("tests/unit/chassis/bus/test_producer.py::test_the_library_is_told_to_be_safe",),
    ),
    Mutant(
        name="an-acknowledgement-is-waited-for",
        danger="Events are forgotten although the broker never took them.",
        path="libs/chassis/bus/producer.py",
        old="    await acknowledged\n",
        new="    _ = acknowledged\n",
        killers=(
            "tests/unit/chassis/bus/test_producer.py"
            "::test_a_batch_that_is_never_answered_fails_and_its_connection_is_abandoned",
        ),
    ),
    Mutant(
        name="a-failed-connection-is-thrown-away",
        danger="A connection goes on after a failed batch, and what it sends overtakes what failed.",
        path="libs/chassis/bus/producer.py",
        old="            await self._drop(producer)\n            raise PublishFailed",
        new="            raise PublishFailed",
        killers=(
            "tests/unit/chassis/bus/test_producer.py"
            "::test_a_batch_that_is_never_answered_fails_and_its_connection_is_abandoned",
        ),
    ),
)
