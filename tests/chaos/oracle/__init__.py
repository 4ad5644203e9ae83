"""The oracle: reads what everybody has kept, and names whatever does not fit together.

It imports nothing of Mobius: topics are read with a plain client, tables by plain SELECTs, events as plain JSON. What
it has collected is an `Observation`, which lies in a folder and can be judged again:

    python -m tests.chaos.oracle var/chaos-7/evidence.json
"""
