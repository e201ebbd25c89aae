"""The one command, hotline, and what it starts."""
