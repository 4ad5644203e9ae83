"""What comes in over HTTP: claims, heartbeats, reports and progress of workers, and what may be looked at."""
