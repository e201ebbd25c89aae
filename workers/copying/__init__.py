"""Copies for the desk: made anew from files that nobody trusts, in a process that can reach nothing."""
