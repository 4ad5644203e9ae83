"""Starts a service, keeps it running, stops it: the same way for all of them.

`__main__.py` calls `run("engine", EngineSettings, build, os.environ)`; `build` is the composition root in `app.py`.
The HTTP server listens first, so that health answers while the components start in order; the other routes answer 503
until all have started. SIGTERM or SIGINT drains: HTTP first, then the components in reverse. A second signal ends at
once. A crashed background task ends the process with exit status 1, and whoever supervises it starts it again.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

import uvloop
from prometheus_client import CollectorRegistry

from libs.chassis.clock import Clock, SystemClock
from libs.chassis.db.errors import Unavailable
from libs.chassis.failpoints import arm
from libs.chassis.http.documents import document_routes
from libs.chassis.http.door import Door
from libs.chassis.http.health import health_routes
from libs.chassis.http.limits import HttpLimits
from libs.chassis.http.metrics import DoorMetrics
from libs.chassis.http.principal import Authenticator, ProjectDirectory
from libs.chassis.http.route import AnyRoute
from libs.chassis.http.server import HttpServer
from libs.chassis.loops.background import FATAL
from libs.chassis.settings import InvalidSettings, ServiceSettings, describe, load
from libs.chassis.telemetry import tracing
from libs.chassis.telemetry.logging import configure_logging, get_logger
from libs.chassis.telemetry.metrics import new_registry

VERSION: Final = "0.1.0"

EXIT_CRASHED: Final = 1
EXIT_MISCONFIGURED: Final = 2
EXIT_FORCED: Final = 130

YOUNG_OBJECTS: Final = 50_000
"""Objects between two collections. The default of 700 is less than one batch makes: most of it would be looked at in
vain (a tenth of a busy service's time), where hardly anything is left to a collector but by reference counts."""

log = get_logger(__name__)


class Component(Protocol):
    """A part with a life: started once, stopped once, and able to say why it cannot work right now."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def ready(self) -> str | None:
        """None when it works, else the reason as a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Chassis:
    """What a composition root is given besides its settings."""

    name: str
    clock: Clock = field(default_factory=SystemClock)
    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=True))


@dataclass(frozen=True, slots=True)
class App:
    """A service, composed: what it answers, and what has to run for that, in the order of starting."""

    routes: Sequence[AnyRoute]
    authenticator: Authenticator
    projects: ProjectDirectory
    components: Sequence[Component]


Settings = TypeVar("Settings", bound=ServiceSettings)
Build = Callable[[Settings, Chassis], App]


def run(name: str, settings_class: type[Settings], build: Build[Settings], environ: Mapping[str, str]) -> int:
    """Runs until a signal; answers the exit status. The settings' prefix is the name in capitals."""
    try:
        settings = load(settings_class, environ, name.upper())
    except InvalidSettings as error:
        sys.stderr.write(f"{name}: {error}\n")
        return EXIT_MISCONFIGURED
    configure_logging(name, settings.log_level, settings.log_format)
    arm(settings.failpoint)
    tracing.configure(name, settings.otlp_endpoint, settings.sample_ratio, VERSION)
    log.info("service_starts", version=VERSION, pid=os.getpid(), settings=describe(settings))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        status = runner.run(_live(name, settings, build))
    tracing.shutdown()
    log.info("service_ended", status=status)
    return status


async def _live(name: str, settings: Settings, build: Build[Settings]) -> int:
    fate = _Fate(asyncio.get_running_loop())
    chassis = Chassis(name, registry=new_registry(name, VERSION))
    app = build(settings, chassis)
    service = Service(app, settings, chassis.registry)
    try:
        await fate.race(service.start())
        await fate.sealed.wait()
    except Exception:
        log.exception("service_failed")
        fate.crash()
    log.info("service_stops")
    await service.stop()
    return fate.status


class Service:
    """The HTTP server and the components of one `App`, started and stopped together."""

    def __init__(self, app: App, settings: ServiceSettings, registry: CollectorRegistry) -> None:
        limits = HttpLimits.of(settings)
        health = health_routes(self.reasons, registry, metrics_public=settings.metrics_public)
        self._door = Door(
            [*health, *document_routes(), *app.routes],
            app.authenticator,
            app.projects,
            limits,
            DoorMetrics(registry),
            unavailable=(Unavailable,),
        )
        self.server = HttpServer(self._door, settings.host, settings.port, limits)
        self._components = app.components
        self._begun: list[Component] = []
        self._stop_seconds = settings.drain_seconds

    def reasons(self) -> list[str]:
        """Why the service is not ready; empty when it is."""
        if not self._door.open:
            return [f"{len(self._begun)} of {len(self._components)} components have been started"]
        return [reason for part in (self.server, *self._components) if (reason := part.ready()) is not None]

    async def start(self) -> None:
        """Listens, starts the components in order, then opens the door."""
        await self.server.start()
        host, port = self.server.address
        log.info("service_listens", host=host, port=port)
        for component in self._components:
            self._begun.append(component)
            await component.start()
        _settle_memory()
        self._door.open = True
        log.info("service_ready", components=[type(component).__name__ for component in self._components])

    async def stop(self) -> None:
        """Drains HTTP, then stops what was started, last first. A component that hangs or fails is left."""
        await self.server.stop()
        for component in reversed(self._begun):
            try:
                async with asyncio.timeout(self._stop_seconds):
                    await component.stop()
            except Exception:
                log.exception("component_did_not_stop", component=type(component).__name__)


class _Fate:
    """When the process has to end, and how."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.sealed = asyncio.Event()
        self.status = 0
        loop.set_exception_handler(self._on_error)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)

    def crash(self) -> None:
        self.status = EXIT_CRASHED
        self.sealed.set()

    async def race(self, starting: Coroutine[object, object, None]) -> None:
        """Runs `starting`, but leaves it when the end comes first."""
        task = asyncio.ensure_future(starting)
        sealed = asyncio.create_task(self.sealed.wait(), name="sealed")
        await asyncio.wait((task, sealed), return_when=asyncio.FIRST_COMPLETED)
        sealed.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        elif not task.cancelled():
            task.result()

    def _on_signal(self, number: signal.Signals) -> None:
        if self.sealed.is_set():
            log.warning("service_killed", signal=number.name)
            os._exit(EXIT_FORCED)
        log.info("service_told_to_stop", signal=number.name)
        self.sealed.set()

    def _on_error(self, _loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        if context.get(FATAL):
            log.critical("background_task_crashed", what=context["message"], exc_info=error)
            self.crash()
        else:
            log.error("loop_error", what=context.get("message"), exc_info=error)


def _settle_memory() -> None:
    """What lives from now on to the end is not looked at by every collection, and what is in flight not by many."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
