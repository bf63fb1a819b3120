"""OGC SensorThings 1.1, for reading, under /sta/v1.1."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from ifc.model import Text
from twin.server.columns import answer
from twin.server.context import Caller, Context, Served
from twin.server.errors import bad_value, not_found
from twin.server.rights import Principal
from twin.server.sta.entities import catalogue_for
from twin.server.sta.options import OptionError, options_of
from twin.server.sta.resolve import NoSuchEntityError, Resolver, root_of

router = APIRouter(tags=["SensorThings"])

ROOT = "/sta/v1.1"


@router.get(ROOT, responses={200: {"model": dict[str, Any]}})
async def sensor_things(request: Request) -> Response:
    """The entity sets."""
    return answer(root_of(_root(request)))


@router.get(ROOT + "/{path:path}", responses={200: {"model": dict[str, Any]}})
async def sensor_things_entity(
    request: Request, caller: Caller, context: Served, path: Annotated[str, Path(max_length=500)]
) -> Response:
    """A collection, an entity or a property; $filter, $expand, $orderby, $top, $skip, $count, $select."""
    if not path.strip("/"):
        return answer(root_of(_root(request)))
    query = dict(request.query_params)
    found = await asyncio.to_thread(_found, context, caller, _root(request), path, query)
    return answer(found)


def _found(context: Context, caller: Principal, root: str, path: str, query: dict[str, str]) -> Any:
    try:
        options = options_of(query)
        resolver = Resolver(context, catalogue_for(context, caller), root)
        found = resolver.answer(path, options, query)
    except OptionError as error:
        raise bad_value(path, Text(f"{error}.", f"查询选项无效：{error}。")) from None
    except NoSuchEntityError:
        raise not_found() from None
    context.audit_homes(caller, (context.live.points[row] for row in resolver.rows), "SensorThings")
    return found


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{ROOT}"
