"""`make bench`: throughput and cost of the main job, each beside the raw limit of its parts, from the same run."""
