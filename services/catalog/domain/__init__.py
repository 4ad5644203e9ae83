"""What the catalog decides, as pure functions: names, actions, projects, keys."""
