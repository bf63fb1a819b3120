"""Everything that touches IfcOpenShell. Runs in a child process only, see :mod:`ifc.isolation`."""
