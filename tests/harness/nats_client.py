"""The NATS client of PyPI against the linked server, one short connection a call."""

import asyncio
import json

import nats
import nats.errors
import nats.js.errors

STREAM = "DISPATCH"
CONNECT_SECONDS_MAX = 5


def _connected(port, use):
    async def run():
        client = await nats.connect(f"nats://127.0.0.1:{port}", connect_timeout=CONNECT_SECONDS_MAX)
        try:
            return await use(client)
        finally:
            await client.close()

    return asyncio.run(run())


def pointer(target_url, message_id, group="", pool="default", token="t0ken"):
    """A message pointer as any producer writes it."""
    return {
        "id": message_id,
        "poolCode": pool,
        "authToken": token,
        "mediationType": "HTTP",
        "mediationTarget": target_url,
        "messageGroupId": group,
    }


def publish(port, messages, subject="dispatch.default"):
    """Publishes each message, a dict as JSON or bytes as they are; returns once the server has them all."""

    async def send(client):
        *first, last = [m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages]
        for body in first:
            await client.publish(subject, body)
        await client.jetstream().publish(subject, last)  # its acknowledgement stands for all before it

    _connected(port, send)


def stream(port):
    """Configuration and state of the stream that the product serves."""

    async def ask(client):
        return await client.jetstream().stream_info(STREAM)

    return _connected(port, ask)


def messages_left(port):
    return stream(port).state.messages
