"""The bodies of requests and answers, for the OpenAPI document. Columns of one answer are equally long."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sensors.outlets.contract import Subject
from twin.server.errors import BothLanguages

Milliseconds = Annotated[int, Field(description="since 1970-01-01 UTC")]
ShortText = Annotated[str, Field(max_length=200)]
Work = Literal["none", "running", "ready", "failed"]


class Request(BaseModel):
    """A body that is sent to us: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class SignIn(Request):
    """Name and password."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class GrantRequest(Request):
    """A household whose readings are needed, and what for."""

    household: Annotated[str, Field(min_length=1, max_length=200)]
    purpose: Annotated[str, Field(min_length=10, max_length=500)]
    minutes: Annotated[int, Field(ge=1, le=480)] = 60


class Note(Request):
    """What is said to an acknowledgement."""

    note: Annotated[str, Field(max_length=500)] = ""


class ShelfRequest(Request):
    """A rule to be kept quiet, on one point or, with "", on all."""

    rule: ShortText
    point: ShortText = ""
    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class GrantBody(BaseModel):
    """A household that is open to the account."""

    household: str
    purpose: str
    until_ms: Milliseconds


class Me(BaseModel):
    """Who is signed in."""

    name: str
    role: str
    household: str
    rights: list[str]
    grants: list[GrantBody]


class Session(BaseModel):
    """A token that opens the API for a short time; the refresh token is in a cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in_s: int
    me: Me


class TwinInfo(BaseModel):
    """The twin; callers who are not signed in get the first four."""

    name: str
    version: str
    demo: bool
    languages: list[str]
    epoch: str | None = None
    started_ms: Milliseconds | None = None
    now_ms: Milliseconds | None = None
    interval_ms: int | None = None
    scene: str | None = None
    model: Work | None = None
    evaluation: Work | None = None
    zone: str | None = None


class PointColumns(BaseModel):
    """Points, one place in every column each."""

    key: list[int]
    id: list[str]
    name: list[str]
    quantity: list[str]
    kind: list[str]
    unit: list[str]
    interval_s: list[float | None]
    privacy: list[str]
    household: list[str]
    counter: list[bool]
    readable: list[bool]
    element: list[str | None]
    ifc_class: list[str] = Field(serialization_alias="class")
    storey: list[str | None]
    room: list[str | None]
    place: list[str]


class LatestColumns(BaseModel):
    """Latest values. ``state``: 0 fresh, 1 stale, 2 unknown; ``quality``: 0 good, 1 uncertain, 2 bad."""

    now_ms: Milliseconds
    key: list[int]
    value: list[float | None]
    time_ms: list[int | None]
    age_s: list[float | None]
    state: list[int]
    quality: list[int]


class SnapshotColumns(LatestColumns):
    """Values as they were at a time."""

    at_ms: Milliseconds


class History(BaseModel):
    """The past of one point; which columns there are depends on ``mode``."""

    point: str
    key: int
    unit: str
    mode: Literal["curve", "buckets", "readings"]
    begin_ms: Milliseconds
    end_ms: Milliseconds
    time_ms: list[int]
    value: list[float | None] | None = None
    quality: list[int] | None = None
    mean: list[float | None] | None = None
    minimum: list[float | None] | None = None
    maximum: list[float | None] | None = None
    count: list[int] | None = None
    width_ms: float | None = None
    truncated: bool | None = None


class AggregateColumns(BaseModel):
    """Fixed groups of households; their number is rounded down to five."""

    id: list[str]
    quantity: list[str]
    unit: list[str]
    households: list[int]


class AggregateSeries(BaseModel):
    """Hourly means of a group; hours that cannot be told are missing."""

    id: str
    unit: str
    time_ms: list[int]
    mean: list[float]


class BindingColumns(BaseModel):
    """Points and their elements."""

    point: list[str]
    key: list[int]
    element: list[str]
    ifc_class: list[str] = Field(serialization_alias="class")
    storey: list[str | None]
    room: list[str | None]


class AlarmBody(BaseModel):
    """One alarm."""

    id: str
    rule: str
    message: BothLanguages
    severity: int
    point: str
    key: int | None
    element: str | None
    household: str
    value: float | None
    state: Literal["raised", "acknowledged", "cleared_unseen", "cleared"]
    raised_ms: Milliseconds
    acknowledged_ms: int | None
    acknowledged_by: str | None
    cleared_ms: int | None
    shelved: bool


class Alarms(BaseModel):
    """Alarms, the gravest and newest first."""

    alarms: list[AlarmBody]


class AlarmEvents(BaseModel):
    """What happened to an alarm, in order."""

    time_ms: list[int]
    what: list[str]
    who: list[str]
    note: list[str]


class ShelfBody(BaseModel):
    """A rule that is kept quiet."""

    rule: str
    point: str
    until_ms: Milliseconds
    by: str
    reason: str


class Shelves(BaseModel):
    """Rules that are kept quiet now."""

    shelves: list[ShelfBody]


class ElementBody(BaseModel):
    """One element, room or storey with its points and alarms."""

    element: str
    ifc_class: str = Field(serialization_alias="class")
    name: str
    storey: str | None
    room: str | None
    points: list[dict[str, object]]
    alarms: list[AlarmBody]


class FeedBody(BaseModel):
    """One feed and what became of what it delivered."""

    name: str
    kind: str
    state: str
    since_ms: Milliseconds
    why: str
    received: int
    accepted: int
    rejected: dict[str, int]
    restamped: int


class QueueBody(BaseModel):
    """Messages that wait for another system, and what became of them since the start."""

    subject: Literal["alarms", "aggregates", "readings"]
    found: int
    put: int
    sent: int
    refused: int
    aside: int  # items that were refused and can be sent again
    lost: int
    waiting: int
    waiting_bytes: int


class OutletBody(BaseModel):
    """Another system that is told."""

    name: str
    kind: str
    state: Literal["idle", "up", "away"]
    since_ms: Milliseconds
    why: str
    queues: list[QueueBody]


class RefusedColumns(BaseModel):
    """Items that another system refused, oldest first, with the reason; what stands in them is not told."""

    subject: list[Subject]
    id: list[str]
    messages: list[int]
    why: list[str]
    time_ms: list[Milliseconds]


class Items(BaseModel):
    """How many items something was done with."""

    items: int


class StoreBody(BaseModel):
    """What became of accepted readings."""

    stored: int
    replaced: int
    duplicates: int
    pending: int
    trouble: str | None


class Feeds(BaseModel):
    """Feeds, the store, outlets, and what is wrong."""

    feeds: list[FeedBody]
    store: StoreBody
    outlets: list[OutletBody]
    outbox_trouble: str | None
    unknown_points: list[str]
    faults: list[str]
    clients: int
    dropped_batches: int


class AuditColumns(BaseModel):
    """Lines of the audit log, newest first; ``broken_at`` is the first line that was tampered with."""

    number: list[int]
    time_ms: list[int]
    who: list[str]
    role: list[str]
    action: list[str]
    target: list[str]
    detail: list[str]
    broken_at: int | None


class MeasuredColumns(BaseModel):
    """Points held against limits of means over ``hours``; ``element`` is the room where there is one."""

    key: list[int]
    point: list[str]
    element: list[str | None]
    quantity: list[str]
    at_most: list[float]
    unit: list[str]
    hours: list[int]
    highest: list[float | None]
    spans: list[int]
    over: list[int]
    verdict: list[Literal["met", "not_met", "not_enough_data"]]
    source: list[str]


class DesignedColumns(BaseModel):
    """What the evaluation claims, and how it stands against readings; ``element`` None is the whole building.

    ``measured`` and ``claimed`` are of the same span, in ``unit``; ``share_pct`` is how much of what a
    verdict needs is there.
    """

    kind: list[Literal["illuminance", "temperature", "co2", "electricity", "capture_ratio"]]
    element: list[str | None]
    points: list[list[str]]
    low: list[float | None]
    high: list[float | None]
    unit: list[str]
    statement: list[BothLanguages]
    source: list[str]
    verdict: list[Literal["met", "not_met", "not_enough_data", "not_measured"]]
    measured: list[float | None]
    claimed: list[float | None]
    share_pct: list[float | None]
    nmbe_pct: list[float | None]
    cv_rmse_pct: list[float | None]


class Pushed(BaseModel):
    """How many readings were looked at."""

    received: int


class Deleted(BaseModel):
    """What was deleted."""

    household: str
    readings: int
