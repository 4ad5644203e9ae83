"""What an administrator does to an installation from outside of the API: `mobius-admin`."""
