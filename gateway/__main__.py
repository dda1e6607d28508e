"""The first step of every command: `kentongan`, or `python -m gateway` in its environment."""

import gc


def main() -> None:
    """Entry point of the console script."""
    gc.set_threshold(50_000, 50, 100)  # a thousand modules come in and stay: walking them again and again is a waste
    from gateway import cli

    cli.main()


if __name__ == "__main__":
    main()
