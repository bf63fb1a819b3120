"""Readings from BACnet/IP devices by polling their present values (extra ``bacnet``)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sensors.errors import missing_extra
from sensors.feeds.contract import FeedLostError, Sink, stop_if_cancelled
from sensors.readings import Quality, Sample

DEVICE, VENDOR = 4_194_302, 999  # the highest instance that is free for use; no registered vendor
FAULT, OVERRIDDEN, OUT_OF_SERVICE = 1, 2, 3  # bits of Status_Flags, ASHRAE 135 clause 21


@dataclass(frozen=True, slots=True)
class BacnetObject:
    """One object of a device: ``analog-input,3`` at ``10.0.0.7`` (or ``10.0.0.7:47809``)."""

    point: str
    device: str
    object: str


@dataclass(frozen=True, slots=True)
class BacnetSettings:
    """What is asked how often. ``address`` is ours, with the prefix of the network: ``10.0.0.5/24:47808``."""

    address: str
    objects: Sequence[BacnetObject] = ()
    interval_s: float = 30.0
    timeout_s: float = 3.0


class BacnetFeed:
    """Readings from devices. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, settings: BacnetSettings) -> None:
        self.name = name
        self.settings = settings

    async def run(self, sink: Sink) -> None:
        """Ask again and again; the feed is lost when no device answers any more."""
        try:
            from bacpypes3.ipv4.app import NormalApplication
            from bacpypes3.local.device import DeviceObject
            from bacpypes3.pdu import IPv4Address
        except ImportError:
            raise missing_extra("bacnet", "bacpypes3") from None
        settings = self.settings
        device = DeviceObject(
            objectIdentifier=("device", DEVICE), objectName="greentwin", vendorIdentifier=VENDOR
        )
        try:
            application = NormalApplication(device, IPv4Address(settings.address))
        except (OSError, ValueError) as error:
            raise FeedLostError(settings.address, str(error)) from None
        loop = asyncio.get_running_loop()
        try:
            due = loop.time()
            while True:
                stop_if_cancelled()
                silent: set[str] = set()
                samples = [
                    sample
                    for each in settings.objects
                    if (sample := await self._read(application, each, silent)) is not None
                ]
                if not samples:
                    raise FeedLostError(settings.address, "no device answers")
                sink.up()
                if silent:
                    sink.reject("no-answer", len(settings.objects) - len(samples))
                await sink.deliver(samples)
                due = max(due + settings.interval_s, loop.time())
                await asyncio.sleep(due - loop.time())
        finally:
            application.close()

    async def _read(self, application: Any, wanted: BacnetObject, silent: set[str]) -> Sample | None:
        """One present value with what its flags say of it; None when the device does not answer."""
        from bacpypes3.apdu import AbortPDU, ErrorRejectAbortNack
        from bacpypes3.pdu import Address
        from bacpypes3.primitivedata import ObjectIdentifier

        if wanted.device in silent:
            return None
        address, identifier = Address(wanted.device), ObjectIdentifier(wanted.object)
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                value = await application.read_property(address, identifier, "present-value")
        except (TimeoutError, AbortPDU):
            silent.add(wanted.device)
            return None
        except ErrorRejectAbortNack:
            return Sample(wanted.point, None, None, None, Quality.BAD)
        quality = Quality.GOOD
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                flags = await application.read_property(address, identifier, "status-flags")
            quality = _quality(flags)
        except (TimeoutError, ErrorRejectAbortNack):
            pass  # not every object has flags
        return Sample(wanted.point, _number(value), None, None, quality)


def _quality(flags: Sequence[int]) -> Quality:
    if len(flags) == 4 and flags[FAULT]:
        return Quality.BAD
    if len(flags) == 4 and (flags[OVERRIDDEN] or flags[OUT_OF_SERVICE]):
        return Quality.UNCERTAIN
    return Quality.GOOD


def _number(value: Any) -> float | str:
    """Binary values are active or inactive, multi-state ones count from 1."""
    text = str(value)
    if text in ("active", "inactive"):
        return float(text == "active")
    try:
        return float(value)
    except (TypeError, ValueError):
        return text
