"""`python -m ops.demo.relay FROM_PORT TO_PORT`: the demo's proxy on a machine without nginx.

It only provides the same addresses. While the shop is down, failover.js leads customers to Fallback Checkout.
"""

import asyncio
import sys

from ops.demo.places import LOOPBACK


async def relay(from_port: int, to_port: int) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            shop_reader, shop_writer = await asyncio.open_connection(LOOPBACK, to_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pour(reader, shop_writer), pour(shop_reader, writer))

    server = await asyncio.start_server(connect, LOOPBACK, from_port)
    await server.serve_forever()


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies until one side ends. Closing the other side ends the copy in the other direction too."""
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(relay(int(sys.argv[1]), int(sys.argv[2])))
