"""The chassis' own migrations; they run before a service's."""
