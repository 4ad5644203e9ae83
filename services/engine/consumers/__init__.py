"""What the engine hears: one file per speaker."""
