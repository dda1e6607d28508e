"""The gateway: who we talk to, and where we write it down."""
