"""The raw limit of HTTP: an aiohttp server that reads a body and answers one, in a process of its own."""

import asyncio
import sys

import uvloop
from aiohttp import web

ANSWER = b'{"job_id":"job_0123456789abcdefghjkmnpqrs","run_id":"run_0123456789abcdefghjkmnpqrs","attempt":1}'


async def answer(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=ANSWER, content_type="application/json")


async def serve() -> None:
    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}/", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(serve())
