"""A visitor without a browser: cookies, forms with their CSRF tokens, a new connection each request."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from uuid import uuid4

from portal.accounts.demoaccounts import DEMO_PASSWORD

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TIMEOUT_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that was not followed: status, headers, text."""

    status: int
    headers: Mapping[str, str]
    text: str


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


class Visitor:
    """Asks a site for pages, as nobody or as the person who logged in."""

    def __init__(self, url: str, user_name: str = "") -> None:
        self._url = url
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPCookieProcessor(self.cookies)
        )
        if user_name:
            fields = {"user_name": user_name, "password": DEMO_PASSWORD}
            answer = self.send("/login", fields, form_at="/login")
            assert answer.status in (302, 303), answer.text

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask(urllib.request.Request(self._url + path))

    def send(self, path: str, fields: Mapping[str, str], *, form_at: str) -> Answer:
        """Post a form whose CSRF token stands on the page ``form_at``."""
        token = TOKEN.search(self.get(form_at).text)
        assert token, f"there is no form at {form_at}"
        body = urllib.parse.urlencode({"csrf_token": token[1], **fields}).encode()
        return self._ask(urllib.request.Request(self._url + path, data=body, method="POST"))

    def upload(self, path: str, name: str, data: bytes) -> Answer:
        """Post a file as the field ``archive`` of the form that stands on the page itself."""
        token = TOKEN.search(self.get(path).text)
        assert token, f"there is no form at {path}"
        edge = uuid4().hex
        field = f'--{edge}\r\nContent-Disposition: form-data; name="'
        head = f'{field}csrf_token"\r\n\r\n{token[1]}\r\n{field}archive"; filename="{name}"\r\n\r\n'
        body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
        request = urllib.request.Request(self._url + path, data=body, method="POST")
        request.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
        return self._ask(request)

    def switch_for_site(self, verb: str, code: str = "helloworld") -> Answer:
        """As a site admin, press a button of the plugin list: "enable" or "disable"."""
        return self.send(f"/admin/plugins/{code}/{verb}", {}, form_at="/my/")

    def switch_for_group(self, group: str, *, on: bool, handle: str = "helloworld") -> Answer:
        """As a group's admin, choose for the group."""
        page = f"/groups/{group}/admin/plugins"
        return self.send(page, _switch(handle, on), form_at=page)

    def switch_for_me(self, *, on: bool, handle: str = "helloworld") -> Answer:
        """As a person, choose for oneself."""
        return self.send("/my/settings/plugins", _switch(handle, on), form_at="/my/settings")

    def follow(self, other: "Visitor") -> None:
        """Be answered by workers that know what the other visitor has changed about plugins."""
        for cookie in other.cookies:
            if cookie.name == "portal_generation":
                self.cookies.set_cookie(cookie)

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return _answer(response.status, response)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error)


def _switch(handle: str, on: bool) -> dict[str, str]:
    return {"shown": handle} | ({f"use_{handle}": "1"} if on else {})


def _answer(status: int, response: Any) -> Answer:
    text = response.read().decode("utf-8", "replace")
    return Answer(status=status, headers=dict(response.headers), text=text)
