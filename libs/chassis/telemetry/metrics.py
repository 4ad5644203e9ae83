"""Numbers for Prometheus: one registry per process, with what is known of every process already in it."""

from prometheus_client import CollectorRegistry, GCCollector, Info, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

__all__ = ["CONTENT_TYPE_LATEST", "new_registry", "render"]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Buckets for durations, from a fast read to a long poll."""


def new_registry(service: str, version: str) -> CollectorRegistry:
    """A registry with build info, CPU, memory, descriptors and the garbage collector's work."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    Info("mobius_build", "Which build of which service this is.", registry=registry).info(
        {"service": service, "version": version}
    )
    return registry


def render(registry: CollectorRegistry) -> bytes:
    """The registry in the Prometheus text format (`CONTENT_TYPE_LATEST`)."""
    return generate_latest(registry)
