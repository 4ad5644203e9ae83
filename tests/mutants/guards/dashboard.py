"""The dashboard: forms come from its own pages, texts stay texts, and a key on a page may no more than anywhere."""

from tests.mutants.mutant import Mutant

_DOOR = "tests/e2e/test_dashboard_door.py"
_ROLES = "tests/e2e/test_dashboard_roles.py"
_ANSWERS = "tests/e2e/test_dashboard_answers.py"
_FORMS = "services/audit/dashboard/forms.py"

DASHBOARD = (
    Mutant(
        name="forms-bring-their-token",
        danger="A page of another site makes the browser of somebody who is signed in send any form.",
        path=_FORMS,
        old="return fields if hmac.compare_digest(found.encode(), csrf_token(token).encode()) else FOREIGN",
        new="return fields if found else fields",
        killers=(
            f"{_DOOR}::test_a_form_needs_the_token_of_this_very_session",
            f"{_DOOR}::test_nobody_signs_another_browser_in",
        ),
    ),
    Mutant(
        name="other-sites-send-no-forms",
        danger="Whoever learns a token of a page can use it from a site of his own.",
        path=_FORMS,
        old='return site != "same-origin"',
        new="return False",
        killers=(f"{_DOOR}::test_a_form_of_another_site_does_nothing",),
    ),
    Mutant(
        name="other-origins-send-no-forms",
        danger="In a browser that does not say how a form came, another site sends it.",
        path=_FORMS,
        old="return origin is not None and urlsplit(origin).netloc != host(call)",
        new="return False",
        killers=(f"{_DOOR}::test_a_form_of_another_site_does_nothing",),
    ),
    Mutant(
        name="the-door-leads-to-pages-only",
        danger="A link to the door of this installation ends, after signing in, at a site that looks like it.",
        path="services/audit/dashboard/address.py",
        old="return text if text is not None and _PAGE.fullmatch(text) else HOME",
        new="return text or HOME",
        killers=(f"{_DOOR}::test_the_door_leads_nowhere_else",),
    ),
    Mutant(
        name="sessions-end-with-their-time",
        danger="A cookie that was copied once is good for ever.",
        path="services/audit/store/sessions.sql",
        old="WHERE token_sha256 = $1 AND expires_at > $2;",
        new="WHERE token_sha256 = $1 AND $2::timestamptz IS NOT NULL;",
        killers=(f"{_DOOR}::test_a_session_ends_with_its_time",),
    ),
    Mutant(
        name="commands-ask-for-their-role",
        danger="Who may only look is shown the forms of those who may change, filled with what only those need.",
        path="services/audit/dashboard/site.py",
        old="visit = await self.visit(call, command.role, edits=command.edits)",
        new="visit = await self.visit(call, Role.VIEWER, edits=command.edits)",
        killers=(f"{_ROLES}::test_a_key_of_too_little_changes_nothing",),
    ),
    Mutant(
        name="texts-are-escaped",
        danger="A script in the name of a run runs in the browser of whoever looks at it, with his key.",
        path="services/audit/dashboard/render.py",
        old="autoescape=True,",
        new="autoescape=False,",
        killers=("tests/e2e/test_run_pages.py::test_a_completed_run_shows_its_steps_its_values_and_its_events",),
    ),
    Mutant(
        name="a-secret-is-made-once",
        danger="A form that is sent twice makes two secrets, and the one that was copied signs nothing.",
        path="services/audit/dashboard/commands.py",
        old='return {"Idempotency-Key": form[ONCE]} if form.get(ONCE) else {}',
        new="return {} if form else {}",
        killers=("tests/e2e/test_dashboard_actions.py::test_a_form_that_is_sent_twice_is_carried_out_once",),
    ),
    Mutant(
        name="the-showing-of-a-secret-is-not-kept",
        danger="A secret that is shown once stays in the cache of the browser, for whoever sits there next.",
        path="libs/chassis/http/respond.py",
        old='("Cache-Control", "no-store"), ',
        new="",
        killers=(f"{_ANSWERS}::test_every_page",),
    ),
    Mutant(
        name="what-is-not-there-is-a-page",
        danger="Who follows an old link to a page gets a line of JSON that asks him for a bearer token.",
        path="services/audit/dashboard/site.py",
        old='if (one.method, one.path) == ("GET", HOME) else one',
        new="if not one.path else one",
        killers=(f"{_ANSWERS}::test_what_is_not_there_is_a_page_for_who_is_signed_in_and_the_door_for_strangers",),
    ),
)
