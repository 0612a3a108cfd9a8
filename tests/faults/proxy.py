# SPDX-License-Identifier: MIT
"""Proxies between our programs and what they talk to, and what they break.

All of them run in one thread of their own.  A Proxy forwards bytes until a
fault changes its mode; each connection is a Link, which remembers when it was
broken or held up, so that the verdict knows what may not have arrived.
"""

import asyncio
import os
import socket
import struct
import threading

CHUNK = 65536
DRIP_S = 0.05               # between two bytes of a link that drips
UP, DOWN = 0, 1             # towards the server, towards the client


class Link:
    """One connection through a proxy."""

    def __init__(self, client, server):
        self.ends = (client, server)
        self.broken_at = None       # Unix time at which a fault broke it
        self.lost = False           # half-open: the server's end is gone
        self.holds = []             # (from, to): bytes were kept so long
        self.tasks = ()

    def drop(self, reset):
        """Closes both ends; with a RST if asked to."""
        for end in self.ends:
            if reset and end.family == socket.AF_INET and end.fileno() != -1:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
            forget(end)
        for task in self.tasks:
            task.cancel()


def forget(end):
    """Closes a socket; the loop must not watch its number any longer."""
    if end.fileno() == -1:
        return
    loop = asyncio.get_running_loop()
    loop.remove_reader(end)
    loop.remove_writer(end)
    end.close()


class Proxy:
    """One listening socket; target() gives the address behind it.

    Modes: "" passes on; "stall" keeps what comes until it is over; "drip"
    passes on one byte a time; "refuse" takes no new connection; "half-open"
    is a peer that has vanished without a word.
    """

    def __init__(self, proxies, name, address, target):
        self.name = name
        self.target = target
        self.address = address
        self.mode = ""
        self.links = set()
        self.by_port = {}           # port towards the server: newest Link
        self.watch = None           # watch(proxy, link, data) -> word or None
        self._proxies = proxies
        self._changed = asyncio.Event()
        self._listener = None
        self._accepting = None

    # ---- called from other threads ---------------------------------------

    def set(self, mode):
        """Changes the mode of this proxy; returns when it is changed."""
        self._proxies.call(self._set, mode)

    def cut(self, reset=False):
        """Ends all its connections."""
        self._proxies.call(self._cut, reset)

    # ---- in the proxies' thread -----------------------------------------

    def _set(self, mode):
        before, self.mode = self.mode, mode
        if mode == "refuse":
            self._close_listener()
        elif before == "refuse":
            self._open_listener()
        if mode == "half-open":
            for link in self.links:
                link.lost = True
                link.broken_at = self._proxies.now()
                forget(link.ends[1])
        elif before == "half-open":
            for link in [one for one in self.links if one.lost]:
                self._end(link, True)
        self._changed.set()
        self._changed = asyncio.Event()

    def _cut(self, reset):
        for link in list(self.links):
            self._end(link, reset)

    def _end(self, link, reset):
        if link.broken_at is None:
            link.broken_at = self._proxies.now()
        self.links.discard(link)
        link.drop(reset)

    def _open_listener(self):
        if isinstance(self.address, str):
            if os.path.exists(self.address):
                os.unlink(self.address)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        else:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(self.address)
        listener.listen(256)
        self._listener = listener
        self._accepting = self._proxies.keep(self._accept(listener))

    def _close_listener(self):
        if self._listener:
            forget(self._listener)
            self._listener = None
            self._accepting.cancel()
            if isinstance(self.address, str) and os.path.exists(self.address):
                os.unlink(self.address)

    async def _accept(self, listener):
        loop = asyncio.get_running_loop()
        while self._listener is listener:
            try:
                client, _ = await loop.sock_accept(listener)
            except OSError:
                return
            self._proxies.keep(self._join(client))

    async def _join(self, client):
        """Connects a new client with the server, both ways."""
        loop = asyncio.get_running_loop()
        client.setblocking(False)
        target = self.target()
        family = socket.AF_UNIX if isinstance(target, str) else socket.AF_INET
        server = socket.socket(family, socket.SOCK_STREAM)
        server.setblocking(False)
        if family == socket.AF_INET:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(client, server)
        try:
            await loop.sock_connect(server, target)
        except OSError:
            link.drop(False)
            return
        if self.mode == "half-open":
            link.lost = True
            forget(server)
        self.links.add(link)
        if family == socket.AF_INET and not link.lost:
            self.by_port[server.getsockname()[1]] = link
        link.tasks = tuple(self._proxies.keep(self._pump(link, way))
                           for way in (UP, DOWN))
        await asyncio.wait(link.tasks)
        if link in self.links and not link.lost:
            self.links.discard(link)
            link.drop(False)

    async def _pump(self, link, way):
        loop = asyncio.get_running_loop()
        source, sink = link.ends[way], link.ends[1 - way]
        try:
            while True:
                data = await loop.sock_recv(source, CHUNK)
                if link.lost:
                    if not data:
                        self._end(link, False)
                        return
                    continue
                if self.mode == "stall":
                    await self._hold(link, self._until(
                        lambda: self.mode != "stall"))
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                if self.watch and await self._watched(link, way, data):
                    return
                if self.mode == "drip":
                    await self._hold(link, self._pass(loop, sink, data))
                else:
                    await self._pass(loop, sink, data)
        except OSError:
            # One end is gone: so is the other.
            if not link.lost:
                self.links.discard(link)
                link.drop(True)

    async def _pass(self, loop, sink, data):
        while data:
            size = len(data)
            if self.mode == "drip":
                await asyncio.sleep(DRIP_S)
                size = 1
            await loop.sock_sendall(sink, data[:size])
            data = data[size:]

    async def _hold(self, link, what):
        """Does it, and notes how long that kept the link's bytes."""
        begun = self._proxies.now()
        try:
            await what
        finally:
            link.holds.append((begun, self._proxies.now()))

    async def _watched(self, link, way, data):
        """True when the watch had the link ended."""
        word = self.watch(link, way, data)
        if word == "cut":
            self._end(link, False)
        elif word == "pass and cut":
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(link.ends[1 - way], data)
            self._end(link, False)
        return bool(word)

    async def _until(self, condition):
        while not condition():
            await self._changed.wait()


class Proxies:
    """The thread that runs them."""

    def __init__(self, now):
        self.now = now
        self._loop = asyncio.new_event_loop()
        self._tasks = set()
        self._all = []
        self._thread = threading.Thread(target=self._loop.run_forever,
                                        daemon=True)
        self._thread.start()

    def add(self, name, address, target):
        """A new proxy, which listens when this returns."""
        async def make():
            proxy = Proxy(self, name, address, target)
            proxy._open_listener()  # pylint: disable=protected-access
            return proxy
        proxy = asyncio.run_coroutine_threadsafe(make(), self._loop).result(10)
        self._all.append(proxy)
        return proxy

    def call(self, function, *args):
        async def run():
            function(*args)
        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def keep(self, coroutine):
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close(self):
        for proxy in self._all:
            self.call(proxy._set, "refuse")  # pylint: disable=W0212
            proxy.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
