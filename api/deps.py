"""What a route can ask for, as named types."""

from typing import Annotated

from fastapi import Depends, Request

from api.listing import Lists
from contracts.settings import Settings
from serving.read import Reader


async def _reader(request: Request) -> Reader:
    reader: Reader = request.app.state.reader
    return reader


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _lists(request: Request) -> Lists:
    return Lists(request, request.app.state.reader)


Published = Annotated[Reader, Depends(_reader)]
House = Annotated[Settings, Depends(_settings)]
Listing = Annotated[Lists, Depends(_lists)]
