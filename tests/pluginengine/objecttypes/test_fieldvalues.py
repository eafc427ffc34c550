"""What a field may hold, without a database (3.3.3)."""

from decimal import Decimal

import pytest

from portal.pluginengine.columns import parse_column
from portal.pluginengine.manifest import FieldDeclaration
from portal.pluginengine.objecttypes.fieldvalues import checked


def field(definition: str) -> FieldDeclaration:
    """Return a field of that column."""
    return FieldDeclaration(name="share", column=parse_column(definition))


@pytest.mark.parametrize("kind", ["integer", "double"])
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), float("-inf"), Decimal("sNaN"), 10**400, True]
)
def test_a_number_that_stands_in_no_order_is_no_value(kind: str, value: object) -> None:
    """Lists are paged by values (engineering B5), and SQLite keeps NaN as nothing at all."""
    with pytest.raises(ValueError, match="belongs here"):
        checked(field(kind), value)


def test_a_number_is_stored_in_the_type_of_its_column() -> None:
    """3.3.2: integer and double."""
    assert checked(field("integer"), Decimal(3)) == 3
    assert checked(field("double"), 3) == 3.0
