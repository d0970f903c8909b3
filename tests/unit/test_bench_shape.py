"""The shape of the code is measured as it is."""

from pathlib import Path

from bench.shape import find_ringed, measure_files


def test_a_ring_is_found_and_what_only_leads_to_it_is_not() -> None:
    edges = {"top": {"a"}, "a": {"b"}, "b": {"c"}, "c": {"a", "bottom"}, "lone": {"bottom"}}
    assert find_ringed(edges) == {"a", "b", "c"}


def test_imports_in_one_direction_have_no_ring() -> None:
    assert find_ringed({"app": {"routes", "http"}, "routes": {"http"}}) == set()


def test_loose_modules_are_counted_by_folder(tmp_path: Path) -> None:
    room = tmp_path / "berth" / "api"
    room.mkdir(parents=True)
    for name in ("__init__", *(f"module_{number}" for number in range(17))):
        (room / f"{name}.py").write_text("one\ntwo\n")
    figures = measure_files(tmp_path / "berth")
    assert (figures["files"], figures["lines"]) == ("18", "36")
    assert figures["folders with more than 16 loose modules"] == "1"
    assert figures["most loose modules"] == "berth/api 17"
