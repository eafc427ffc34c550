"""The engines that the process keeps, one for each database."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.core.database import db


def test_the_error_of_a_statement_tells_none_of_its_values(tmp_path: Path) -> None:
    """Logs and incidents keep errors' texts: no hash of a password may stand there (design 9)."""
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    try:
        with db.engine_for(url).connect() as connection, pytest.raises(DBAPIError) as raised:
            connection.execute(text("INSERT INTO nowhere VALUES (:hash)"), {"hash": "s3cret"})
    finally:
        db.dispose_engine(url)
    assert "nowhere" in str(raised.value)
    assert "s3cret" not in str(raised.value)
