"""The catalog: nobody's change is lost, nobody is broken unseen, and what was done once is not done twice."""

from tests.mutants.mutant import Mutant

_CHANGES = "services/catalog/domain/action_changes.py"
_CHANGE = "tests/unit/catalog/test_change_action.py"
_LIFE = "tests/integration/catalog/test_changes.py"
_ONCE = "tests/integration/catalog/test_idempotency.py"
_CREATE = "tests/unit/catalog/test_create_action.py"

CATALOG = (
    Mutant(
        name="a-repeat-waits-for-publication",
        danger="A repeated request is answered before the other services can know what the first one made.",
        path="services/catalog/store/commits.py",
        old="                await self._wait_for_others()\n",
        new="",
        killers=(f"{_ONCE}::test_a_repeat_waits_as_the_first_does_until_it_is_published",),
    ),
    Mutant(
        name="if-match-is-held-against-the-state",
        danger="Two people change an action, and the one who was slower overwrites the other unseen.",
        path="libs/chassis/decider.py",
        old="    if wanted is None or tag in wanted:\n",
        new="    if wanted is None or tag:\n",
        killers=(
            f"{_CHANGE}::test_a_state_that_the_caller_does_not_know_is_not_changed",
            "tests/unit/chassis/http/test_preconditions.py::test_a_tag_comes_back_as_it_was_answered",
        ),
    ),
    Mutant(
        name="breaking-changes-are-accepted-first",
        danger="A schema changes, and workflows that relied on it fail without anybody having been asked.",
        path=_CHANGES,
        old="    if findings and command.accept_breaking is None:\n",
        new='    if findings and command.accept_breaking == "":\n',
        killers=(f"{_CHANGE}::test_a_change_that_dependents_may_notice_has_to_be_accepted",),
    ),
    Mutant(
        name="json-is-compared-by-its-bytes",
        danger="A schema that changes 1 to true is taken for the same, and the change is answered but not made.",
        path=_CHANGES,
        old="    return {name: dump_json(value) for name, value in values.items()}\n",
        new="    return values  # type: ignore[return-value]\n",
        killers=(f"{_CHANGE}::test_values_that_are_equal_in_python_are_not_the_same_in_json",),
    ),
    Mutant(
        name="used-actions-stay",
        danger="An action is deleted that the latest version of a workflow names.",
        path="services/catalog/api/action_changes.py",
        old="        if refused is not None:\n            return refused\n        gone =",
        new="        gone =",
        killers=(f"{_LIFE}::test_an_action_in_use_is_not_deleted",),
    ),
    Mutant(
        name="a-silent-engine-is-no-answer",
        danger="The engine is away, and its silence is taken for nobody's using the action.",
        path="libs/chassis/http/neighbour.py",
        old="        if reply.status != HTTPStatus.OK:\n",
        new="        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:\n",
        killers=(
            "tests/unit/chassis/http/test_neighbour.py::test_anything_but_200_is_no_answer[empty]",
            "tests/unit/chassis/http/test_neighbour.py::test_a_neighbour_decides_by_the_callers_own_key",
        ),
    ),
    Mutant(
        name="a-deleted-actions-secrets-are-gone",
        danger="The secrets of an action that is gone stay on the topic for ever.",
        path="services/catalog/domain/actions.py",
        old='update={"secrets": [], "pending_secret": None, "deleted": True}',
        new='update={"pending_secret": None, "deleted": True}',
        killers=(f"{_CHANGE}::test_the_states_that_follow_keep_the_secrets_or_drop_them",),
    ),
    Mutant(
        name="answers-are-kept-sealed",
        danger="Signing secrets lie in clear in the table of kept answers.",
        path="services/catalog/store/kept_answers.py",
        old="        sealed = str(self._sealer.seal(answer, request.aad()))\n",
        new="        sealed = answer.decode()\n",
        killers=(f"{_ONCE}::test_what_is_kept_is_sealed",),
    ),
    Mutant(
        name="a-key-is-for-one-request",
        danger="Another request under the same key is answered as if it had been done.",
        path="services/catalog/store/kept_answers.py",
        old='        if row["request"] != request.sha256:\n',
        new='        if row["request"] == "":\n',
        killers=(f"{_ONCE}::test_a_key_is_not_for_another_request",),
    ),
    Mutant(
        name="who-was-overtaken-finds-the-key-taken",
        danger="Of two replicas with the same request the second overwrites the first answer, and answers a conflict.",
        path="services/catalog/store/kept_answers.sql",
        old="WHERE kept.expires_at <= now()\nRETURNING 1\n",
        new="RETURNING 1\n",
        killers=(f"{_ONCE}::test_a_taken_key_is_not_written_over",),
    ),
    Mutant(
        name="callers-keys-are-their-own",
        danger="Who guesses another's Idempotency-Key gets the answer to that one's request, or cannot use the key.",
        path="services/catalog/store/kept_answers.sql",
        old="WHERE project = $1 AND caller = $2 AND key = $3 AND expires_at > now()\n",
        new="WHERE project = $1 AND (caller = $2 OR $2 IS NOT NULL) AND key = $3 AND expires_at > now()\n",
        killers=(f"{_ONCE}::test_each_caller_has_keys_of_its_own",),
    ),
    Mutant(
        name="a-request-is-told-by-its-body",
        danger="Another body under the same key is answered as if it had been done.",
        path="libs/chassis/http/idempotency.py",
        old="hashlib.sha256(what + call.raw)",
        new="hashlib.sha256(what)",
        killers=(f"{_ONCE}::test_a_key_is_not_for_another_request",),
    ),
    Mutant(
        name="an-answer-is-kept-with-what-was-done",
        danger="A request that is sent again is done again, or refused because of itself.",
        path="services/catalog/api/once.py",
        old="[*proposal.parts, kept]",
        new="[*proposal.parts]",
        killers=(f"{_ONCE}::test_a_repeated_request_has_the_first_answer_with_its_secret",),
    ),
    Mutant(
        name="weak-tags-match-nothing",
        danger="A tag that only says that two states are much alike lets a change overwrite another unseen.",
        path="libs/chassis/http/preconditions.py",
        old=" if not weak)",
        new=")",
        killers=("tests/unit/chassis/http/test_preconditions.py::test_a_header_names_these_tags",),
    ),
    Mutant(
        name="if-match-is-for-deletions-too",
        danger="Somebody deletes an action that another has changed since he looked at it.",
        path=_CHANGES,
        old="    return refused if refused is not None else [ActionDeleted(",
        new="    return [ActionDeleted(",
        killers=(f"{_CHANGE}::test_a_state_that_the_caller_does_not_know_is_not_changed",),
    ),
    Mutant(
        name="outputs-are-judged-too",
        danger="An action begins to answer what the workflows behind it do not take.",
        path=_CHANGES,
        old="compare_output(state.output_schema, said.output_schema)",
        new="compare_output(said.output_schema, said.output_schema)",
        killers=(f"{_CHANGE}::test_a_change_that_dependents_may_notice_has_to_be_accepted",),
    ),
    Mutant(
        name="endpoints-are-judged-when-they-are-registered",
        danger="An action is registered whose endpoint is inside the operator's network.",
        path="services/catalog/domain/actions.py",
        old="    yield from url_problems(command.endpoint_url, command.targets)\n",
        new="",
        killers=(f"{_CREATE}::test_bad_input_is_refused_with_its_field",),
    ),
    Mutant(
        name="endpoints-are-judged-when-they-change",
        danger="An action is led into the operator's network after it was registered.",
        path=_CHANGES,
        old="        yield from url_problems(command.endpoint_url, command.targets)\n",
        new="        yield from ()\n",
        killers=(f"{_CHANGE}::test_what_would_not_be_registered_is_refused_with_every_place",),
    ),
)
