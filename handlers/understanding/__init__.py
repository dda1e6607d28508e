"""Text → what it means, by the vocabulary of locales/: pure, total, and every answer with its reasons.

`handlers.keywords.understand` is the way in; here are its parts.
"""
