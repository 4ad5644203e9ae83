"""What may be asked of the audit."""
