"""The far ends of the providers, played over real HTTP on 127.0.0.1 from their documented payloads.

`telegram.FakeTelegram` and `africastalking.FakeAfricasTalking` are async context managers, and both run in a process of
their own: `python -m tests.providers.telegram --help`. Nothing is imported here, so that `-m` stays free of warnings.
"""
