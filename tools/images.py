"""Draw the pictures that README.md and docs/ show from the reports: `make docs-images`."""

from pathlib import Path

import pymupdf

ROOT = Path(__file__).resolve().parent.parent
PICTURES = {"report-first-page.png": ("telco", "en")}


def main() -> None:
    """Write each first page as a PNG of 90 dots per inch."""
    folder = ROOT / "docs" / "img"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (client, language) in PICTURES.items():
        with pymupdf.open(ROOT / "reports" / client / f"report.{language}.pdf") as report:
            report[0].get_pixmap(dpi=90).save(folder / name)
        print(f"docs/img/{name}")


if __name__ == "__main__":
    main()
