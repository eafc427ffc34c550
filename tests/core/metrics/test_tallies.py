"""What a process counts, and the sums over several."""

from threading import Thread

from portal.core.metrics.tallies import Tallies
from portal.core.metrics.values import Counter, Histogram, merged

CALLS = Counter(name="calls_total", help="Calls.", labels=("who",))
TIMES = Histogram(name="seconds", help="Times.", buckets=(0.1, 1.0))


def test_a_counter_grows_for_each_value_of_its_labels() -> None:
    tallies = Tallies()
    tallies.add(CALLS, ("ada",))
    tallies.add(CALLS, ("ada",), 2)
    tallies.add(CALLS, ("eve",))
    assert tallies.rows() == {("calls_total", ("ada",)): [3], ("calls_total", ("eve",)): [1]}


def test_a_histogram_counts_a_value_in_the_bucket_that_it_fits_and_adds_it_up() -> None:
    tallies = Tallies()
    for value in (0.1, 0.5, 7):
        tallies.observe(TIMES, (), value)
    assert tallies.rows() == {("seconds", ()): [1, 1, 1, 7.6]}


def test_rows_that_are_kept_elsewhere_are_told_with_the_others() -> None:
    tallies = Tallies()
    tallies.tell(lambda: {("calls_total", ("eve",)): [9.0]})
    tallies.add(CALLS, ("ada",))
    assert tallies.rows()["calls_total", ("eve",)] == [9]


def test_threads_lose_nothing() -> None:
    tallies = Tallies()
    threads = [
        Thread(target=lambda: [tallies.observe(TIMES, (), 0.5) for _time in range(500)])
        for _thread in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tallies.rows()["seconds", ()] == [0, 2000, 0, 1000]


def test_the_rows_of_processes_add_up() -> None:
    one = {("calls_total", ("ada",)): [1.0], ("seconds", ()): [1.0, 0.0, 0.0, 0.1]}
    other = {("calls_total", ("ada",)): [2.0], ("calls_total", ("eve",)): [3.0]}
    assert merged([one, other], (CALLS, TIMES)) == {
        ("calls_total", ("ada",)): [3],
        ("calls_total", ("eve",)): [3],
        ("seconds", ()): [1, 0, 0, 0.1],
    }
    assert one["calls_total", ("ada",)] == [1]


def test_what_another_release_counted_otherwise_is_left_out() -> None:
    older = {("gone_total", ()): [1.0], ("seconds", ()): [1.0, 0.1]}
    assert merged([older], (CALLS, TIMES)) == {}
