"""A server that asks for credentials, and quotes those that it gets in everything that it says."""

from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Origin:
    """`takes` are the values of `Authorization` that it lets in; all others are 401."""

    takes: set[str] = field(default_factory=set)
    got: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        self.got.append(given)
        status = 200 if given in self.takes else 401
        return web.json_response({"you sent": given}, status=status, headers={"X-You-Sent": given})
