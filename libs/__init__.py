"""What every service is built from: `contracts` (what is said) and `chassis` (how it is carried)."""
