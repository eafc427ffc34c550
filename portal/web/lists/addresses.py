"""The addresses of a list: the same page with another order, without a filter, at another place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from portal.web.lists.places import Place, written_place
from portal.web.lists.query import Condition, ListQuery

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Makes addresses of one list page. ``path`` is that of the request, ``default_*`` the list's own order."""

    path: str
    query: ListQuery
    default_sort: str
    default_descending: bool

    def page(self, **place: str) -> str:
        """Return the address of a page of the same query: ``after=``, ``before=`` or the first."""
        return self._address([*self._all(), *place.items()])

    def after(self, place: Place) -> str:
        """Return the address of the page behind a row."""
        return self.page(after=written_place(place))

    def before(self, place: Place) -> str:
        """Return the address of the page in front of a row."""
        return self.page(before=written_place(place))

    def sorted_by(self, key: str, *, descending: bool) -> str:
        """Return the address of the same rows in another order."""
        return self._address([*self._kept(), *self._asked(), *self._order(key, descending)])

    def without(self, condition: Condition) -> str:
        """Return the address with one filter less."""
        rest = [each for each in self.query.conditions if each is not condition]
        return self._address([*self._kept(), *self._asked(rest), *self._own_order()])

    def without_words(self) -> str:
        """Return the address with the filters but without the words."""
        filters = [pair for pair in self._asked() if pair[0] != "q"]
        return self._address([*self._kept(), *filters, *self._own_order()])

    def cleared(self) -> str:
        """Return the address of the whole list, in the same order."""
        return self._address([*self._kept(), *self._own_order()])

    def csv(self) -> str:
        """Return the address of the same rows as CSV."""
        return self._address([*self._all(), ("format", "csv")])

    def hidden(self, shown: Iterable[str]) -> Pairs:
        """Return what the filter form carries along: all but the fields that it shows."""
        drawn = set(shown)
        return [pair for pair in self._all() if pair[0] not in drawn]

    def _all(self) -> Pairs:
        return [*self._kept(), *self._asked(), *self._own_order()]

    def _kept(self) -> Pairs:
        return list(self.query.kept)

    def _asked(self, conditions: Iterable[Condition] | None = None) -> Pairs:
        listed = self.query.conditions if conditions is None else conditions
        words = [("q", self.query.words)] if self.query.words else []
        return [*words, *((each.name, each.text) for each in listed)]

    def _own_order(self) -> Pairs:
        return self._order(self.query.sort.key, self.query.descending)

    def _order(self, key: str, descending: bool) -> Pairs:
        if key == self.default_sort and descending == self.default_descending:
            return []
        return [("sort", key), ("dir", "desc" if descending else "asc")]

    def _address(self, pairs: Pairs) -> str:
        return quote(self.path) + ("?" + urlencode(pairs) if pairs else "")
