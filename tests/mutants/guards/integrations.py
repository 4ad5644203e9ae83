"""Integrations: credentials are used where they belong, by whom they belong to, and get out nowhere."""

from tests.mutants.mutant import Mutant

_ROOM = "services/dispatcher/delivery/integrations"
_CONNECTIONS = "tests/unit/dispatcher/test_connections.py"
_REGISTRY = "tests/unit/dispatcher/delivery/test_integration_registry.py"
_GITHUB = "tests/integration/delivery/test_github.py"
_HTTP = "tests/integration/delivery/test_http_request.py"
_POINTS = "tests/integration/delivery/test_entry_points.py"

INTEGRATIONS = (
    Mutant(
        name="credentials-are-bound-to-their-project",
        danger="Credentials that are moved to another project's row are used there.",
        path="libs/contracts/integration_credentials.py",
        old="/{project}/{integration}",
        new="/{integration}",
        killers=(f"{_CONNECTIONS}::test_credentials_that_were_moved_or_changed_do_not_open",),
    ),
    Mutant(
        name="connections-are-looked-for-at-their-end",
        danger="A step runs under credentials that were taken back before.",
        path=f"{_ROOM}/connections.py",
        old="        await self._catch_up()\n",
        new="",
        killers=(f"{_CONNECTIONS}::test_what_the_catalog_has_answered_just_now_holds",),
    ),
    Mutant(
        name="what-comes-back-has-no-secret",
        danger="A token that the other side quotes stands in events and logs.",
        path=f"{_ROOM}/registry.py",
        old="        return redacted(verdict, secrets_in(self.integration.connecting, context.credentials))\n",
        new="        return redacted(verdict, [])\n",
        killers=(f"{_REGISTRY}::test_a_secret_that_an_integration_lets_out_stays_in",),
    ),
    Mutant(
        name="what-is-cut-was-looked-through-before",
        danger="The beginning of a token stands in events and logs, because its end was cut off before it was sought.",
        path=f"{_ROOM}/http.py",
        old="        quoted = outcome_without(outcome, secrets)\n",
        new="        quoted = outcome\n",
        killers=(f"{_HTTP}::test_no_part_of_a_token_stays_where_an_answer_is_cut",),
    ),
    Mutant(
        name="what-is-encoded-was-looked-through-before",
        danger="A password comes back inside a body that is no text, and is not found in its base64.",
        path=f"{_ROOM}/http.py",
        old="base64.b64encode(bytes_without(outcome.body, secrets))",
        new="base64.b64encode(outcome.body)",
        killers=(f"{_HTTP}::test_a_pair_does_not_come_back_in_any_spelling",),
    ),
    Mutant(
        name="installation-tokens-do-not-come-back",
        danger="The token that an App works under stands in events and logs.",
        path=f"{_ROOM}/github.py",
        old="        return redacted(verdict, [token])\n",
        new="        return verdict\n",
        killers=(f"{_GITHUB}::test_a_token_that_comes_back_goes_no_further",),
    ),
    Mutant(
        name="tokens-are-renewed-before-their-end",
        danger="A call begins with a token that ends before the call does.",
        path=f"{_ROOM}/github_tokens.py",
        old="kept.expires_at - SPARE <= self._now()",
        new="kept.expires_at <= self._now()",
        killers=(f"{_GITHUB}::test_an_apps_token_is_renewed_shortly_before_its_end",),
    ),
    Mutant(
        name="one-asks-for-a-token-at-a-time",
        danger="Every step of a burst asks GitHub for a token of its own.",
        path=f"{_ROOM}/github_tokens.py",
        old="        async with turn:\n",
        new="        async with asyncio.Lock():\n",
        killers=(f"{_GITHUB}::test_an_app_works_under_a_token_that_is_asked_for_once",),
    ),
    Mutant(
        name="tokens-belong-to-a-key",
        danger="Who knows an App's id works under the token that somebody else's key got.",
        path=f"{_ROOM}/github_tokens.py",
        old='("app_id", "installation_id", "private_key")',
        new='("app_id", "installation_id")',
        killers=(f"{_GITHUB}::test_another_key_of_the_app_does_not_get_the_token_of_the_first",),
    ),
    Mutant(
        name="paths-have-no-dots",
        danger="An owner called .. leads the token to another part of GitHub's API.",
        path=f"{_ROOM}/github_actions.py",
        old='        "not": {"enum": [".", ".."]},\n',
        new="",
        killers=(f"{_GITHUB}::test_parameters_outside_the_input_schema_are_named",),
    ),
    Mutant(
        name="credentials-are-bound-to-their-origin",
        danger="Whoever writes a workflow sends the project's credentials to himself.",
        path=f"{_ROOM}/http.py",
        old=' and _origin(url) == _origin(str(context.credentials["origin"])):\n',
        new=":\n",
        killers=(f"{_HTTP}::test_credentials_go_nowhere_else",),
    ),
    Mutant(
        name="callers-urls-are-judged",
        danger="A step asks an internal address, in one of its spellings.",
        path="services/dispatcher/delivery/caller.py",
        old="        if refused is not None:\n",
        new="        if refused is None and refused is not None:\n",
        killers=(f"{_HTTP}::test_a_url_that_is_none_is_a_failure_that_says_so",),
    ),
    Mutant(
        name="callers-headers-are-judged",
        danger="A step says where its request ends, and begins another behind it.",
        path="services/dispatcher/delivery/caller.py",
        old="            if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):\n",
        new="            if not _TOKEN.fullmatch(name):\n",
        killers=(f"{_HTTP}::test_a_header_value_cannot_begin_another_header",),
    ),
    Mutant(
        name="a-broken-package-is-refused",
        danger="A package that cannot be imported takes the dispatcher with it.",
        path=f"{_ROOM}/entry_points.py",
        old="        except Exception as error:\n",
        new="        except TypeError as error:\n",
        killers=(f"{_POINTS}::test_a_broken_one_is_refused_with_its_name",),
    ),
    Mutant(
        name="names-are-taken-once",
        danger="A package takes over the actions, and gets the credentials, of another.",
        path=f"{_ROOM}/registry.py",
        old=" or slug in self._integrations:\n",
        new=":\n",
        killers=(f"{_POINTS}::test_one_that_takes_a_name_of_another_is_refused",),
    ),
)
