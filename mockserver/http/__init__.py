"""Thin Starlette routes: the mocked API and the control API.

routee      the mocked API
endpoints   the table of the control API: routes and their descriptions
control     what its handlers share; the handlers are in server, sandboxes, clock, account, flows, journal, events,
            sinks, verification and scenarios, each imported when a request first needs it
metrics     the numbers of a server; following: the journal as a stream
page        the files of the page
guard       who may use the control API
replies     how every request is read and answered; protocol: what is not valid HTTP
"""
