"""Finding a workspace, staying inside it, making one."""

import errno
import os
from pathlib import Path

import pytest

from stammkunde.errors import ParameterError, WorkspaceError
from stammkunde.report.driver import scaffold
from stammkunde.spells.source import read_source
from stammkunde.workspace import Workspace, nearest, unusable


def test_nearest_walks_up(workspace: Workspace) -> None:
    deep = workspace.raw / "telco"
    deep.mkdir()
    assert nearest(deep) == workspace
    assert nearest(workspace.root) == workspace


def test_outside_a_workspace_the_remedy_is_init(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="stammkunde init DIR"):
        nearest(tmp_path)


def test_paths_stay_inside(workspace: Workspace) -> None:
    assert workspace.resolve("data/raw/x.csv") == workspace.raw / "x.csv"
    assert workspace.relative(workspace.raw / "x.csv") == "data/raw/x.csv"
    for path in ("../x.csv", "data/../../x.csv", workspace.root.parent / "x.csv"):
        with pytest.raises(WorkspaceError, match="leads out of the workspace"):
            workspace.resolve(path)


def test_a_link_that_leads_out_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (workspace.raw / "telco").symlink_to(outside, target_is_directory=True)
    with pytest.raises(WorkspaceError, match="leads out"):
        workspace.resolve("data/raw/telco/x.csv")


def test_unknown_client_names_the_nearest(workspace: Workspace) -> None:
    assert workspace.toml("telco").is_file()
    with pytest.raises(ParameterError, match="Did you mean `telco`"):
        workspace.toml("telko")


def test_chapters_come_in_the_order_of_their_numbers(workspace: Workspace) -> None:
    for name in ("10_z.ipynb", "2_b.ipynb", "1_a.ipynb", "explore.ipynb"):
        (workspace.notebooks / name).touch()
    assert [p.name for p in workspace.chapters()] == ["1_a.ipynb", "2_b.ipynb", "10_z.ipynb"]


def test_init_makes_a_workspace_with_everything_shipped(tmp_path: Path) -> None:
    made = scaffold.create(tmp_path / "neu", examples=True)
    assert nearest(tmp_path / "neu" / "data" / "raw") == made
    for pattern in (*scaffold.CHAPTERS, *scaffold.EXAMPLES):
        shipped = [p.relative_to(scaffold.shipped()) for p in scaffold.shipped().glob(pattern)]
        assert shipped
        assert all(
            (made.root / p).read_bytes() == (scaffold.shipped() / p).read_bytes() for p in shipped
        )
    assert "/reports/" in (made.root / ".gitignore").read_text(encoding="utf-8")


def test_init_without_examples_has_no_client(tmp_path: Path) -> None:
    made = scaffold.create(tmp_path / "neu")
    assert made.client_names() == ()
    assert made.chapters()


def test_init_leaves_a_folder_with_something_in_it_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="is not an empty folder"):
        scaffold.create(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_source_that_init_shows_is_one_once_the_hash_is_filled_in(tmp_path: Path) -> None:
    made = scaffold.create(tmp_path / "neu")
    text = (made.root / "README.md").read_text(encoding="utf-8")
    shown = text.partition("```toml\n")[2].partition("```")[0]
    (made.raw / "miller").mkdir()
    path = made.raw / "miller" / "SOURCE.toml"
    path.write_text(shown.replace('"…"', f'"{"0" * 64}"'), encoding="utf-8")
    assert read_source(path).file == "customers.csv"


DENIED = (
    "cannot be written to (permission denied). Give yourself write permission there, "
    "or work on a copy of the workspace."
)


@pytest.mark.parametrize(
    ("number", "name", "said"),
    [
        (errno.EACCES, "reports/.lock-telco", f"reports/ {DENIED}"),
        (errno.EROFS, "data/raw/telco/.x.tmp", "data/raw/telco/ cannot be written to (read-only "),
        (errno.ENOSPC, "reports/.building-telco/a/b.html", "reports/ cannot be written to (no spa"),
        (errno.EACCES, "reports", "reports/ cannot be written to (permission denied). "),
        (errno.ENOSPC, None, "data/raw/ cannot be written to (no space left on device). Make room"),
        (errno.EEXIST, "clients/telco.toml", "clients/telco.toml cannot be used (file exists). "),
    ],
)
def test_what_the_system_refuses_is_one_sentence(
    workspace: Workspace, number: int, name: str | None, said: str
) -> None:
    (workspace.raw / "telco").mkdir()
    path = str(workspace.root / name) if name else None
    told = unusable(OSError(number, os.strerror(number), path), at="data/raw/")
    assert str(told).startswith(said)
    assert (told.exit_code, "\n" in str(told)) == (2, False)


def test_outside_a_workspace_the_whole_path_is_named(tmp_path: Path) -> None:
    told = unusable(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "x")))
    assert str(told).startswith(f"{tmp_path.as_posix()}/ cannot be written to (permission denied).")
