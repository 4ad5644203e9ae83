"""One bad request, and what has to be answered to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from libs.contracts.codec import Json, dump_json
from tests.e2e.calls import Caller, Reply


@dataclass(frozen=True)
class Case:
    """`path` is below the project, or whole with a slash; `{workflow}`, `{run}` and `{job}` stand for those of the
    ground. `body` as bytes goes out as it is, None sends none. `place` is what `details.field` has to name."""

    name: str
    method: str
    path: str
    body: Json | bytes = None
    place: str | None = None
    status: int = 400
    code: str = "invalid_argument"
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = ""

    async def send(self, caller: Caller, places: Mapping[str, str]) -> Reply:
        path = self.path
        for name, value in places.items():
            path = path.replace("{" + name + "}", value)
        raw = self.body if isinstance(self.body, bytes) else None if self.body is None else dump_json(self.body)
        return await caller.call(self.method, path, raw, self.headers, self.authorization)
