"""The app in a browser: textual-serve on loopback, behind a token.

Every page is a screen of its own on the one greenroom that runs here (`greenroom attach`). Who does not know the token
gets nothing; a page of another site cannot reach in (the cookie is same-site, the socket's origin is checked), and the
page itself may load nothing from elsewhere.
"""

from __future__ import annotations

import hmac
import secrets
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

HOST = "127.0.0.1"
COOKIE = "greenroom"
_POLICY = (  # Textual's page writes its script and its styles inline
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def attach_command(directory: Path, pipeline: str, theme: str | None) -> str:
    """The command line of one page's screen."""
    argv = [sys.executable, "-m", "tui.cli.main", "attach", "-C", str(directory), "--pipeline", pipeline]
    return shlex.join([*argv, *(["--theme", theme] if theme else [])])


class WebScreens(Server):
    """Serves screens until SIGINT or SIGTERM. `address` is what to open, token included."""

    def __init__(self, command: str, port: int, title: str, ready: Callable[[str], None]) -> None:
        super().__init__(command, host=HOST, port=port, title=title)
        self.token = secrets.token_urlsafe(24)
        self._ready = ready

    @property
    def address(self) -> str:
        """The page's address, with the token that lets in."""
        return f"{self.public_url}/?token={self.token}"

    def serve(self, debug: bool = False) -> None:
        """Serve; say where once it can be reached. The terminal is ours: nothing else is written to it."""
        web.run_app(
            self._make_app(), host=HOST, port=self.port, access_log=None, print=lambda *_: self._ready(self.address)
        )

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is said before it can be reached."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard())
        return app

    def _guard(self) -> Middleware:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._is_ours(request):
                raise web.HTTPMisdirectedRequest(text="greenroom answers on its own address only")
            given = request.query.get("token", "")
            if hmac.compare_digest(given, self.token):
                entrance = web.HTTPSeeOther("/")  # the token leaves the address, and with it the browser's history
                entrance.set_cookie(COOKIE, self.token, httponly=True, samesite="Strict")
                raise entrance
            if not hmac.compare_digest(request.cookies.get(COOKIE, ""), self.token):
                raise web.HTTPForbidden(text="open the address that greenroom printed: it holds the token")
            response = await handler(request)
            if not response.prepared:
                response.headers["Content-Security-Policy"] = _POLICY.format(host=request.host)
                response.headers["Referrer-Policy"] = "no-referrer"
                response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return guard

    def _is_ours(self, request: web.Request) -> bool:
        """Neither another name for this machine (DNS rebinding) nor a page of another site."""
        origin = request.headers.get("Origin")
        return request.host == f"{HOST}:{self.port}" and origin in (None, self.public_url)
