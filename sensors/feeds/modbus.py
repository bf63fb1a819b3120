"""Readings from a Modbus TCP device by polling (extra ``modbus``)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sensors.errors import missing_extra
from sensors.feeds.contract import FeedLostError, Sink, stop_if_cancelled
from sensors.readings import Quality, Sample

Area = Literal["holding", "input", "coil", "discrete"]
Kind = Literal["bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
_FORMAT = {
    "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
    "float32": ">f", "float64": ">d",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Register:
    """One value: ``raw * scale + offset``. ``address`` counts from 0; ``swapped``: the low word is first."""

    point: str
    address: int
    area: Area = "holding"
    kind: Kind = "uint16"
    scale: float = 1.0
    offset: float = 0.0
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class ModbusSettings:
    """Which device is asked for what, how often."""

    host: str
    registers: Sequence[Register] = ()
    port: int = 502
    unit: int = 1
    interval_s: float = 10.0
    timeout_s: float = 3.0


class ModbusFeed:
    """Readings from a device. See :class:`sensors.feeds.contract.Feed`."""

    def __init__(self, name: str, settings: ModbusSettings) -> None:
        self.name = name
        self.settings = settings

    async def run(self, sink: Sink) -> None:
        """Ask again and again until the connection is lost. Readings count from their arrival."""
        try:
            from pymodbus import ModbusException
            from pymodbus.client import AsyncModbusTcpClient
        except ImportError:
            raise missing_extra("modbus", "pymodbus") from None
        settings = self.settings
        where = f"modbus://{settings.host}:{settings.port}"
        client = AsyncModbusTcpClient(
            settings.host, port=settings.port, timeout=settings.timeout_s, retries=1, reconnect_delay=0
        )
        try:
            if not await client.connect():
                raise FeedLostError(where, "the device does not answer")
            sink.up()
            due = asyncio.get_running_loop().time()
            while True:
                stop_if_cancelled()
                await sink.deliver([await self._read(client, register) for register in settings.registers])
                due = max(due + settings.interval_s, asyncio.get_running_loop().time())
                await asyncio.sleep(due - asyncio.get_running_loop().time())
        except (ModbusException, OSError) as error:
            raise FeedLostError(where, str(error) or type(error).__name__) from None
        finally:
            client.close()

    async def _read(self, client: Any, register: Register) -> Sample:
        """One register; what the device refuses is a bad reading, not the end of the others."""
        unit = self.settings.unit
        if register.area in ("coil", "discrete"):
            ask = client.read_coils if register.area == "coil" else client.read_discrete_inputs
            answer = await ask(register.address, count=1, device_id=unit)
            if answer.isError():
                return Sample(register.point, None, None, None, Quality.BAD)
            return Sample(register.point, bool(answer.bits[0]))
        words = 1 if register.kind == "bool" else struct.calcsize(_FORMAT[register.kind]) // 2
        ask = client.read_holding_registers if register.area == "holding" else client.read_input_registers
        answer = await ask(register.address, count=words, device_id=unit)
        if answer.isError() or len(answer.registers) != words:
            return Sample(register.point, None, None, None, Quality.BAD)
        return Sample(register.point, value_of(answer.registers, register))


def value_of(words: Sequence[int], register: Register) -> float:
    """The value that registers hold."""
    if register.kind == "bool":
        return float(words[0] != 0)
    ordered = tuple(reversed(words)) if register.swapped else tuple(words)
    (raw,) = struct.unpack(_FORMAT[register.kind], struct.pack(f">{len(ordered)}H", *ordered))
    return float(raw) * register.scale + register.offset
