"""What the dispatcher decides, pure: who may report a job, what a report becomes, what an expired lease becomes."""
