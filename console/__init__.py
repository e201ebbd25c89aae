"""The duty officer's desk: queue, report, verbs, a unit's inbox and who may see what."""
