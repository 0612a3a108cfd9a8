# SPDX-License-Identifier: MIT
"""A server that is far away: a proxy that takes its time, and counts.

Each direction takes half of the round trip, however much is on its way.  The
client's kernel has its connection at once, so what the server says first comes
later by what a real handshake takes: a round trip and a half.
"""

import asyncio
import threading

CHUNK = 65536


class Call:
    """One connection: what the client said in it, turn by turn.

    A turn is all that it says without having heard anything in between; so each
    but the first has cost it a round trip.
    """

    def __init__(self):
        self.turns = []
        self._has_heard = True

    def said(self, data):
        """By the client."""
        if self._has_heard:
            self.turns.append(b"")
        self.turns[-1] += data
        self._has_heard = False

    def heard(self, _data):
        """By the client."""
        self._has_heard = True


class Distance:
    """Listens on a port of its own, for a server on another one."""

    def __init__(self, port, round_trip_s):
        self.calls = []         # in the order in which they were made
        self._carried = 0       # pieces, and how late they were in all
        self._late_s = 0
        self._target = port
        self._half_s = round_trip_s / 2
        self._tasks = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = self._do(asyncio.start_server(
            self._serve, "127.0.0.1", 0, backlog=128))
        self.port = self._server.sockets[0].getsockname()[1]

    def round_trip_s(self):
        """What it has really taken: on a busy machine it is longer."""
        return 2 * (self._half_s + self._late_s / max(self._carried, 1))

    def _do(self, task):
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(10)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _end(self):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        call = Call()
        self.calls.append(call)
        self._tasks.add(asyncio.current_task())
        ends = [writer]
        try:
            await asyncio.sleep(3 * self._half_s)
            answers, asks = await asyncio.open_connection("127.0.0.1",
                                                          self._target)
            ends.append(asks)
            # One that fails ends the other.
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, asks, call.said, None))
                both.create_task(self._carry(answers, writer, None,
                                             call.heard))
        except* OSError:
            pass                # either end may go as it likes
        finally:
            for end in ends:
                end.close()
            self._tasks.discard(asyncio.current_task())

    async def _carry(self, reader, writer, leaves, arrives):
        """One direction: what is said, and the end of it."""
        on_the_way = asyncio.Queue()

        async def deliver():
            data = True
            while data:
                due, data = await on_the_way.get()
                await asyncio.sleep(due - self._loop.time())
                self._carried += 1
                self._late_s += self._loop.time() - due
                if data and arrives:
                    arrives(data)
                if data:
                    writer.write(data)
                    await writer.drain()
            writer.write_eof()

        async def collect():
            data = True
            while data:
                data = await reader.read(CHUNK)
                if data and leaves:
                    leaves(data)
                on_the_way.put_nowait((self._loop.time() + self._half_s, data))
        async with asyncio.TaskGroup() as both:
            both.create_task(collect())
            both.create_task(deliver())
