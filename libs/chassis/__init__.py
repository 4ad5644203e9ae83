"""How it is carried: everything a service stands on, and not one business word.

`decider` is the shape of domain code; `db`, `journal`, `outbox` and `bus` are the write path; `http` is the door;
`loops` move time forward; `telemetry` watches; `service` starts and stops it all.
"""
