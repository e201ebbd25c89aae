"""What a report says and who is responsible for it, and why. Pure: no web, SQL, queue, clock or network."""
