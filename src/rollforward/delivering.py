"""Sends what happened to opportunities to the address of the webhook, signed, until it arrives.

Comes in: a State. Goes out: HTTP requests. The address is resolved once for each try and what it resolves to is what is
connected to; addresses of this machine and its network only where that was allowed. Redirects are not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import logging
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from rollforward.errors import RollforwardError
from rollforward.state import State, Webhook

TIMEOUT = 10.0
"""Seconds to wait for a connection, and for each part of an answer."""

DEADLINE = 30.0
"""Seconds for one try in all."""

EVERY = 2.0
"""Seconds between two looks at what waits."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")

log = logging.getLogger("rollforward.webhook")


def deliver(state: State, most: int = 1_000) -> tuple[int, int]:
    """Sends what is due now, one after the other: how many arrived, and how many did not."""
    arrived = failed = 0
    while arrived + failed < most and (claimed := state.webhooks.claim()):
        to, delivery, body = claimed
        is_good, said = post(to, delivery.event_id, body)
        if is_good:
            state.webhooks.arrived(delivery.delivery_id, said)
        else:
            state.webhooks.failed(delivery.delivery_id, said)
        arrived, failed = arrived + is_good, failed + (not is_good)
    return arrived, failed


def start(state: State) -> threading.Event:
    """Sends what waits in a thread of its own, until the event that it returns is set."""
    ended = threading.Event()
    threading.Thread(target=_watch, args=(state, ended), name="webhook", daemon=True).start()
    return ended


def _watch(state: State, ended: threading.Event) -> None:
    while not ended.wait(EVERY):
        try:
            while not ended.is_set() and state.path.exists() and state.webhooks.is_due():
                deliver(state, most=1)
        except RollforwardError as error:  # the file is busy or the disk full: it waits
            log.warning("webhook: %s", error.code)
        except Exception:  # a thread that ends would send nothing again until the server starts anew
            log.exception("webhook")


def signature(secret: str, body: bytes, at: int) -> str:
    """The header `Rollforward-Signature`: `t=SECONDS,v1=HEX`, HMAC-SHA256 by `secret` over `SECONDS.body`."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(to: Webhook, event_id: str, body: bytes) -> tuple[bool, str]:
    """One try: whether the answer was 2xx, and its status, or what went wrong as a word."""
    parts = urlsplit(to.address)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return False, "no_such_host"
    allowed = [address for address in found if is_allowed(address, to.is_private)]
    if not allowed:
        return False, "private_address"
    con = _Connection(parts.scheme == "https", host, port, allowed[0])
    timer = threading.Timer(DEADLINE, con.cut)
    timer.daemon = True
    timer.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "rollforward",
            "Rollforward-Event": event_id,
            "Rollforward-Signature": signature(to.secret, body, int(time.time())),
        }
        con.request("POST", target, body, headers)
        status = con.getresponse().status
        return 200 <= status < 300, str(status)
    except ssl.SSLError:
        return False, "bad_certificate"
    except TimeoutError:
        return False, "timed_out"
    except (OSError, http.client.HTTPException):
        return False, "broke_off"
    finally:
        timer.cancel()
        con.close()


def is_allowed(address: str, is_private: bool) -> bool:
    """Whether events may go to an IP address: to public ones, and to private ones where that was said; never to those
    of one link alone (where clouds keep their keys) or of many."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return is_private or ip.is_global


class _Connection(http.client.HTTPConnection):
    """A connection to one IP address of a host whose certificate, if any, is for its name."""

    def __init__(self, is_tls: bool, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._to, self._context = address, ssl.create_default_context() if is_tls else None
        self.default_port = 443 if is_tls else 80

    def connect(self) -> None:
        """Opens it."""
        self.sock = socket.create_connection((self._to, self.port), TIMEOUT)
        if self._context:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """Ends it from another thread."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)
