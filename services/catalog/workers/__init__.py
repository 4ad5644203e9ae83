"""What the catalog does unasked."""
