"""A WebSocket server for instances in tests: sends back what it hears. `/health` is for health checks."""

import asyncio
import http
import os

import websockets


def health(connection, request):
    return connection.respond(http.HTTPStatus.OK, "fine\n") if request.path == "/health" else None


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    async with websockets.serve(echo, os.environ["HOST"], int(os.environ["PORT"]), process_request=health) as server:
        await server.serve_forever()


asyncio.run(main())
