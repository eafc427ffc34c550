"""Reading the store's tables where no session is at hand: each statement on a connection of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Executable

from portal.core.database import db
from portal.core.transactions import transaction_mode


class OwnReads:
    """Executes statements in short read-only transactions; connects only when asked for something."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    def execute(self, statement: Executable, /) -> Any:
        """Run the statement and return its result, read to the end."""
        token = transaction_mode.set("read")
        try:
            with db.engine_for(self._database_url).connect() as connection:
                return connection.execute(statement).freeze()()
        finally:
            transaction_mode.reset(token)
