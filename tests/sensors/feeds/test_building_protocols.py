"""OPC UA, Modbus and BACnet: each against a real peer in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import asyncua
import pytest
from asyncua import ua
from bacpypes3.ipv4.app import NormalApplication
from bacpypes3.local.analog import AnalogValueObject
from bacpypes3.local.binary import BinaryValueObject
from bacpypes3.local.device import DeviceObject
from bacpypes3.pdu import IPv4Address
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from sensors.feeds.bacnet import BacnetFeed, BacnetObject, BacnetSettings
from sensors.feeds.contract import FeedState, Sink, supervise
from sensors.feeds.modbus import ModbusFeed, ModbusSettings, Register, value_of
from sensors.feeds.opcua import OpcuaFeed, OpcuaSettings
from sensors.readings import Quality, to_us
from tests.sensors.community import free_port, intake_of, until

CO2, TEMPERATURE, DOOR = 1, 0, 2


@contextlib.asynccontextmanager
async def fed(tmp_path, feed):
    async with intake_of(tmp_path) as intake:
        sink = Sink(intake, feed.name)
        task = asyncio.create_task(supervise(feed, sink, 0.05, 0.2))
        try:
            yield intake, sink
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def opcua_server(port):
    server = asyncua.Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace("urn:test")
    node = await server.nodes.objects.add_variable(ua.NodeId("lobby.co2", index), "co2", 600.0)
    await server.start()
    return server, node, f"ns={index};s=lobby.co2"


def test_changes_of_an_opc_ua_server_come_with_its_time_and_status(tmp_path, monkeypatch):
    monkeypatch.setattr("sensors.feeds.opcua.CHECK_S", 0.2)

    async def run():
        port = free_port()
        server, node, name = await opcua_server(port)
        settings = OpcuaSettings(f"opc.tcp://127.0.0.1:{port}", {name: "lobby/co2"}, 0.05)
        async with fed(tmp_path, OpcuaFeed("opc", settings)) as (intake, sink):
            await until(lambda: intake.latest.value[CO2] == 600)
            moment = datetime.now(UTC)
            value = ua.DataValue(ua.Variant(712.0), SourceTimestamp=moment)
            await node.write_value(value)
            await until(lambda: intake.latest.value[CO2] == 712)
            assert intake.latest.time_us[CO2] == to_us(moment)
            bad = ua.DataValue(ua.Variant(0.0), StatusCode=ua.StatusCode(ua.StatusCodes.BadSensorFailure))
            await node.write_value(bad)
            await until(lambda: intake.latest.quality[CO2] == Quality.BAD)
            await server.stop()
            await until(lambda: sink.state is FeedState.LOST)
            server, node, _ = await opcua_server(port)
            await until(lambda: sink.state is FeedState.UP)
            await node.write_value(801.0)
            await until(lambda: intake.latest.value[CO2] == 801)
            counters = intake.feeds["opc"]
            assert counters.received == counters.accepted + sum(counters.rejected.values())
        await server.stop()

    asyncio.run(run())


def test_a_node_that_the_server_does_not_have_is_told(tmp_path):
    async def run():
        port = free_port()
        server, _, _ = await opcua_server(port)
        settings = OpcuaSettings(f"opc.tcp://127.0.0.1:{port}", {"ns=2;s=none": "lobby/co2"}, 0.05)
        async with fed(tmp_path, OpcuaFeed("opc", settings)) as (_, sink):
            await until(lambda: sink.state is FeedState.LOST)
            assert "ns=2;s=none" in sink.why
        await server.stop()

    asyncio.run(run())


REGISTERS = [
    Register("lobby/temperature", 0, "holding", "int16", scale=0.1),
    Register("lobby/co2", 1, "holding", "float32"),
    Register("lobby/door", 0, "coil", "bool"),
    Register("home-1/electricity", 999, "holding", "uint32"),  # the device has none
]


async def modbus_server(port):
    coils = [SimData(0, values=[True], datatype=DataType.BITS)]
    inputs = [SimData(0, values=[False], datatype=DataType.BITS)]
    holding = [SimData(0, values=[0xFFC9, 0x4419, 0x0000], datatype=DataType.REGISTERS)]
    other = [SimData(0, values=[0], datatype=DataType.REGISTERS)]
    server = ModbusTcpServer(SimDevice(1, (coils, inputs, holding, other)), address=("127.0.0.1", port))
    task = asyncio.create_task(server.serve_forever())
    return server, task


def test_a_modbus_device_is_polled_lost_and_found_again(tmp_path):
    async def run():
        port = free_port()
        server, task = await modbus_server(port)
        settings = ModbusSettings("127.0.0.1", REGISTERS, port, interval_s=0.05, timeout_s=10)
        async with fed(tmp_path, ModbusFeed("meter", settings)) as (intake, sink):
            await until(lambda: intake.latest.value[CO2] == 612)
            assert intake.latest.value[TEMPERATURE] == pytest.approx(-5.5)
            assert intake.latest.value[DOOR] == 1
            assert intake.latest.quality[3] == Quality.BAD
            await server.shutdown()
            await until(lambda: sink.state is FeedState.LOST)
            server, task = await modbus_server(port)
            await until(lambda: sink.state is FeedState.UP)
        await server.shutdown()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("words", "register", "value"),
    [
        ([0xFFC9], Register("p", 0, kind="int16", scale=0.1), -5.5),
        ([0xFFC9], Register("p", 0, kind="uint16"), 65481.0),
        ([0x4419, 0x0000], Register("p", 0, kind="float32"), 612.0),
        ([0x0000, 0x4419], Register("p", 0, kind="float32", swapped=True), 612.0),
        ([0x0001, 0x0000], Register("p", 0, kind="uint32", offset=4.0), 65540.0),
        ([0xFFFF, 0xFFFF], Register("p", 0, kind="int32"), -1.0),
        ([0, 0, 1, 0], Register("p", 0, kind="uint64"), 65536.0),
        ([7], Register("p", 0, kind="bool"), 1.0),
    ],
)
def test_registers_hold_numbers_of_every_kind(words, register, value):
    assert value_of(words, register) == pytest.approx(value)


def bacnet_server(port):
    device = DeviceObject(objectIdentifier=("device", 599), objectName="peer", vendorIdentifier=999)
    server = NormalApplication(device, IPv4Address(f"127.0.0.1/32:{port}"))
    co2 = AnalogValueObject(
        objectIdentifier=("analog-value", 1), objectName="co2", presentValue=612.0,
        units="parts-per-million", covIncrement=1.0,
        reliability="no-fault-detected", outOfService=False,
    )  # fmt: skip
    door = BinaryValueObject(
        objectIdentifier=("binary-value", 1),
        objectName="door",
        presentValue="active",
        statusFlags=[0, 0, 0, 0],
    )
    server.add_object(co2)
    server.add_object(door)
    return server, co2


def test_present_values_of_bacnet_objects_come_with_their_flags(tmp_path):
    async def run():
        port, own = free_port(), free_port()
        server, co2 = bacnet_server(port)
        device = f"127.0.0.1:{port}"
        objects = [
            BacnetObject("lobby/co2", device, "analog-value,1"),
            BacnetObject("lobby/door", device, "binary-value,1"),
            BacnetObject("lobby/temperature", device, "analog-value,9"),
        ]
        settings = BacnetSettings(f"127.0.0.1/32:{own}", objects, interval_s=0.1, timeout_s=2)
        async with fed(tmp_path, BacnetFeed("bms", settings)) as (intake, sink):
            await until(lambda: intake.latest.value[CO2] == 612)
            assert intake.latest.value[DOOR] == 1
            assert intake.latest.quality[TEMPERATURE] == Quality.BAD  # there is no such object
            co2.reliability = "no-sensor"
            await until(lambda: intake.latest.quality[CO2] == Quality.BAD)
            co2.reliability, co2.presentValue, co2.outOfService = "no-fault-detected", 700.0, True
            await until(lambda: intake.latest.value[CO2] == 700)
            assert intake.latest.quality[CO2] == Quality.UNCERTAIN
            server.close()
            await until(lambda: sink.state is FeedState.LOST)
            server, co2 = bacnet_server(port)
            await until(lambda: sink.state is FeedState.UP and intake.latest.value[CO2] == 612)
            server.close()

    asyncio.run(run())
