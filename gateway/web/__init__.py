"""The HTTP side: Starlette and uvicorn are imported in this folder only."""
