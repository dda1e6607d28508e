"""shim"""


def guess(text: str, prior: tuple[str, ...]) -> str:
    return "jv" if "kula badhe" in text.casefold() else ""
