"""What must hold, by subject. A check takes an observation and yields a sentence for each thing that does not fit."""
