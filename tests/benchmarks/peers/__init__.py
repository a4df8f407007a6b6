"""Tools by others that read the same CRMs, and how they are led to a sandbox.

Each is installed from the registry into an environment of its own under ``.peers/`` and runs,
unmodified, as a process of its own; nothing of them is in ours. Read `tool` (what a tool is),
`singer`, `airbyte`, `dlt_rest` with `dlt_loading` (which only dlt's environment can run) and `ours`
(how each kind is run and read), `way` (how they find a sandbox though they insist on https and on
the CRM's own host), `launch` (what a run takes), `worlds` (what the CRMs hold) and `scenes` (what
happens to them).
"""
