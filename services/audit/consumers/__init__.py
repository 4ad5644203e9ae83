"""What the audit hears: one file per speaker. Each answers with the parts that record a batch."""
