"""The carriers of text messages, each behind the same interface: one adapter a file, one stand-in in the tests."""
