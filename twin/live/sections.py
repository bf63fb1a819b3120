"""[live] and [[feeds]] of twin.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, IPvAnyNetwork, model_validator
from pydantic_core import PydanticCustomError

from sensors.web import is_web_address
from twin.section import Finite, NonNegative, Positive, Section

Port = Annotated[int, Field(ge=1, le=65_535)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


def _web_address(url: str) -> str:
    if not is_web_address(url):
        raise PydanticCustomError("string_pattern_mismatch", "no address of http or https")
    return url


WebAddress = Annotated[str, AfterValidator(_web_address)]


def _database(address: str) -> str:
    parts = urlsplit(address)
    if parts.password is not None:
        raise PydanticCustomError("password_in_file", "a password stands in the environment, not in a file")
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise PydanticCustomError("string_pattern_mismatch", "no postgresql://user@host/database")
    return address


Database = Annotated[str, AfterValidator(_database)]


class RetentionDays(Section):
    """[live.retention_days]: days that readings of a privacy class are kept; 0 keeps them for good."""

    public: NonNegative = 0
    community: NonNegative = 3 * 365
    household: NonNegative = 365
    personal_sensitive: NonNegative = 30


class WaterUseSection(Section):
    """[live.meters.water_uses.NAME]: where the water of one use is metered, by its source."""

    potable: Annotated[tuple[str, ...], Field(min_length=1)]  # the mains, added up
    non_traditional: Annotated[tuple[str, ...], Field(min_length=1)]  # rain and reclaimed water, added up


WaterUseName = Literal["irrigation_washing", "flushing", "cooling"]  # the items of 7.2.13


class MetersSection(Section):
    """[live.meters]: the points that measure the whole building or site."""

    electricity: tuple[str, ...] = ()  # what the building buys, added up
    water: tuple[str, ...] = ()  # what the building draws, added up
    water_users: Positive | None = None  # persons, beds or seats, as the quota of GB 50555 counts them
    rain: str = ""  # a gauge on the site
    runoff: tuple[str, ...] = ()  # what leaves the site, added up
    reuse: tuple[str, ...] = ()  # what is drawn from the rain tanks, added up
    water_uses: dict[WaterUseName, WaterUseSection] = Field(default_factory=dict)


class LevelSection(Section):
    """[[live.levels]]: a sensor of the level in what stores rain, beside which the model's stands."""

    point: str
    store: Literal["tank", "sunken_green", "water"]
    empty: Finite = 0.0  # reading of an empty store, in the point's unit
    full: Finite | None = None  # and where it overflows; None: the depth that the model states

    @model_validator(mode="after")
    def _full_is_not_empty(self) -> LevelSection:
        if self.full == self.empty:
            raise PydanticCustomError("level_range", "an empty store and a full one read differently")
        return self


class LiveSection(Section):
    """[live]: what is measured, and where it is kept."""

    model: Path | None = None  # the IFC file whose elements the points belong to
    points: Path | None = None  # CSV or YAML; None: the project is not live
    bindings: Path | None = None
    alarms: Path | None = None
    folder: Path = Path("live")  # history, record of alarms, accounts
    postgres: Database | None = None  # where the history is kept instead of in a file of the folder
    postgres_password_env: str = ""
    zone: str = "Asia/Shanghai"
    group_households: Annotated[int, Field(ge=5)] = 5  # that an aggregate speaks of at least
    retention_days: RetentionDays = RetentionDays()
    meters: MetersSection = MetersSection()
    levels: tuple[LevelSection, ...] = ()
    # Addresses and networks of reverse proxies, whose X-Forwarded-For and -Proto are believed.
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()


class JsonPaths(Section):
    """Where the fields of a reading stand in a JSON object; dots go down, ``values`` names several."""

    value: str = "value"
    time: str = "time"
    unit: str = "unit"
    quality: str = "quality"
    point: str = "point"
    values: dict[str, str] = Field(default_factory=dict)


class BrokerSection(Section):
    """How a broker is reached."""

    host: str = "127.0.0.1"
    port: Port = 1883
    version: Literal["3.1.1", "5"] = "5"
    username: str = ""
    password_env: str = ""
    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class MqttSection(BrokerSection):
    """A broker."""

    kind: Literal["mqtt"]
    name: Name
    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    qos: Literal[0, 1, 2] = 1
    payload: Literal["json", "plain", "sparkplug"] = "json"
    point: str = "{topic}"  # the id of the point from the levels {0}, {1} … of the topic
    json_paths: JsonPaths = JsonPaths()
    client_id: str = "greentwin"
    persistent: bool = True


class HttpPollSection(Section):
    """An address that is asked again and again."""

    kind: Literal["http_poll"]
    name: Name
    url: WebAddress
    interval_s: Positive = 60.0
    timeout_s: Positive = 10.0
    point: str = ""
    json_paths: JsonPaths = JsonPaths()
    token_env: str = ""


class ReplaySection(Section):
    """A recorded file."""

    kind: Literal["replay"]
    name: Name
    path: Path
    time: str = "time"
    speed: Annotated[float, Field(gt=0)] = 1.0  # inf: as fast as it can be stored
    zone: str = "UTC"
    as_now: bool = False
    columns: dict[str, str] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)


class SimulatorSection(Section):
    """Drawn values for a demonstration."""

    kind: Literal["simulator"]
    name: Name
    points: tuple[str, ...] = ("*",)
    seed: Annotated[int, Field(ge=0)] = 1
    fastest_s: Positive = 1.0


class WebhookSection(Section):
    """An address that every change of an alarm is posted to."""

    kind: Literal["webhook"]
    name: Name
    url: WebAddress
    token_env: str = ""
    keep_mb: Positive = 16.0  # of what waits while the other side is away; then the oldest go


class MqttOutletSection(BrokerSection):
    """A broker that is told of alarms, aggregates of homes and readings."""

    kind: Literal["mqtt"]
    name: Name
    topic: Annotated[str, Field(pattern=r"^[^+#\x00]*[^+#/\x00]$", max_length=1000)]  # above all that is sent
    sends: Annotated[tuple[Literal["alarms", "aggregates", "readings"], ...], Field(min_length=1)] = (
        "alarms",
    )
    points: tuple[str, ...] = ("*",)  # of which readings are sent
    privacy: Literal["public", "community"] = "public"  # the narrowest class of them
    client_id: str = ""
    keep_mb: Positive = 64.0  # of each of alarms, aggregates and readings


class SensorThingsSection(Section):
    """A SensorThings service that gets readings and aggregates of homes as Observations."""

    kind: Literal["sensorthings"]
    name: Name
    url: WebAddress  # up to the version: https://district.example/FROST-Server/v1.1
    datastreams: Annotated[
        dict[str, int | str], Field(min_length=1)
    ]  # point or aggregate -> its @iot.id there
    privacy: Literal["public", "community"] = "public"
    token_env: str = ""
    keep_mb: Positive = 64.0


class OpcuaSection(Section):
    """An OPC UA server."""

    kind: Literal["opcua"]
    name: Name
    url: Annotated[str, Field(pattern=r"^opc\.tcp://")]
    nodes: Annotated[dict[str, str], Field(min_length=1)]  # node id -> point id
    interval_s: Positive = 1.0
    username: str = ""
    password_env: str = ""
    security: str = ""  # Policy,Mode,certificate,key[,server certificate]


class RegisterSection(Section):
    """One value of a Modbus device."""

    point: str
    address: Annotated[int, Field(ge=0, le=65_535)]
    area: Literal["holding", "input", "coil", "discrete"] = "holding"
    kind: Literal[
        "bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"
    ] = "uint16"  # fmt: skip
    scale: Finite = 1.0
    offset: Finite = 0.0
    swapped: bool = False


class ModbusSection(Section):
    """A Modbus TCP device."""

    kind: Literal["modbus"]
    name: Name
    host: str
    port: Port = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    interval_s: Positive = 10.0
    timeout_s: Positive = 3.0
    registers: Annotated[tuple[RegisterSection, ...], Field(min_length=1)]


class BacnetObjectSection(Section):
    """One object of a BACnet device."""

    point: str
    device: str
    object: Annotated[str, Field(pattern=r"^[a-z-]+,\d+$")]


class BacnetSection(Section):
    """BACnet/IP devices."""

    kind: Literal["bacnet"]
    name: Name
    address: str  # ours, with the prefix of the network: 10.0.0.5/24
    interval_s: Positive = 30.0
    timeout_s: Positive = 3.0
    objects: Annotated[tuple[BacnetObjectSection, ...], Field(min_length=1)]


FeedSection = Annotated[
    MqttSection
    | HttpPollSection
    | ReplaySection
    | SimulatorSection
    | OpcuaSection
    | ModbusSection
    | BacnetSection,
    Field(discriminator="kind"),
]

OutletSection = Annotated[
    WebhookSection | MqttOutletSection | SensorThingsSection,
    Field(discriminator="kind"),
]
