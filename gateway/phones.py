"""Telephone numbers: one form for matching, and what kind of sender a string is. Never a reason to refuse a message."""

import re

import phonenumbers

_REGION = "ID"
_MOBILE = re.compile(r"\+628\d{7,12}", re.ASCII)  # as providers write it
_SHORT = re.compile(r"\d{3,6}", re.ASCII)


def canonical(raw: str) -> str:
    """E.164 ("+628…") when the string can be read as a number, else the string stripped of spaces.

    A leading 00 is a + typed on a keypad; the library alone would misread it.
    """
    text = raw.strip()
    if _MOBILE.fullmatch(text):
        return text
    if re.fullmatch(r"00[\d\s.()-]{6,}", text):
        text = "+" + text[2:]
    if is_short(text) or re.search(r"[A-Za-z]", text.removeprefix("tel:")):
        return text
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_e164(text: str) -> bool:
    """Whether a provider would take this as the address of a phone."""
    return re.fullmatch(r"\+\d{7,15}", text, re.ASCII) is not None


def is_short(text: str) -> bool:
    """Short codes (1708, 21512): services, not people."""
    return _SHORT.fullmatch(text.strip()) is not None


def is_word(text: str) -> bool:
    """Alphanumeric senders (TELKOMSEL): promotions and robots, not people."""
    return re.search(r"[^\W\d_]", text.removeprefix("tel:")) is not None
