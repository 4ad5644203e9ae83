"""A thousand open long polls and one job: one of them is answered with it, the others go on waiting."""

import asyncio
from collections import Counter

import aiohttp

from libs.chassis.ids import new_id
from tests.integration.dispatcher.conftest import Dispatcher

POLLS = 1_000


async def poll(crowd: Dispatcher, number: int) -> tuple[int, object]:
    """Waits for a job, and is done with it at once."""
    status, job = await crowd.claim(f"t{number}", wait=12)
    if status == 200:
        done = {"worker_session_token": f"t{number}", "attempt": job["attempt"], "status": "completed"}
        assert (await crowd.post(f"/jobs/{job['job_id']}/complete", done))[0] == 204
    return status, job.get("job_id")


async def test_one_job_answers_exactly_one_of_a_thousand_polls(dispatcher: Dispatcher) -> None:
    connector = aiohttp.TCPConnector(limit=POLLS + 8)
    async with aiohttp.ClientSession(headers=dispatcher.http.headers, connector=connector) as http:
        crowd = Dispatcher(dispatcher.speaker, http, dispatcher.url)
        polls = [asyncio.create_task(poll(crowd, number)) for number in range(POLLS)]
        async with asyncio.timeout(60):
            while (await dispatcher.get("/worker-sessions"))[1]["totals"]["active_instances"] < POLLS:  # type: ignore[index]
                await asyncio.sleep(0.1)
        scheduled = await dispatcher.speaker.schedule(new_id("run"))
        answers = Counter(await asyncio.gather(*polls))
    assert answers == {(200, scheduled.invocation_id): 1, (204, None): POLLS - 1}
