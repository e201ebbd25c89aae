"""Chaos: real processes, killed and frozen while reports come in, and a count of what was lost or doubled."""
