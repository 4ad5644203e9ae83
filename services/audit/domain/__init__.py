"""What the audit log says about an event, pure."""
