"""A local test double of Routee's Failover API."""

# The floor plan. Imports go down only; rooms on one floor do not import each other.
#
#   core/               0  the flow engine and the virtual clock: standard library only, no I/O, no OS clock
#   numbering/          0  the facts of telephone numbers and SMS parts (phonenumbers); knows nothing of ours
#   wire/               1  what stands on the wire: requests, the flow document, errors, instants
#   callbacks           2  the one outgoing HTTP client: posts a callback, turns every failure into a value
#   driver, pacer       2  core outcomes -> I/O; real time -> virtual time
#   http/               3  thin Starlette routes: the mocked API and the control API
#   server, settings    4  the composition root: settings in, app out
#   cli, demo           5  the console script
