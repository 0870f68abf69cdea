"""Thin Starlette routes: the mocked API and the control API.

routee      the mocked API
endpoints   the table of the control API: routes and their descriptions
control     what its endpoints stand on; they are in server, sandboxes, clock, account, flows, journal, events, sinks,
            verification and scenarios
metrics     the numbers of a server; following: the journal, while it is written
guard       who may use the control API
replies     how any request is read and answered; protocol: what is not even HTTP
"""
