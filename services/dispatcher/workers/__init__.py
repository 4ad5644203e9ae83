"""The dispatcher's loops, one file each: they move time forward where nobody asks."""
