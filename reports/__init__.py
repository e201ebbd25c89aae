"""What a report is and where it is kept: values, states, store, sealing of personal data, audit chain."""
