"""What the dispatcher hears: one file per speaker."""
