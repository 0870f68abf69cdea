"""A local test double of Routee's Failover API."""

# The floor plan. Imports go down only; rooms on one floor do not know each other, but for those joined by `->`.
#
#   core/                 0  the flow engine and the virtual clock: standard library only, no I/O, no OS clock
#   numbering/            0  the facts of telephone numbers, Sms parts and prices; knows nothing of flows
#   wire/                 1  what stands on the wire: requests, the flow document, errors, instants, OpenAPI
#   settings              1  what a server can be told
#   destinations          1  where callbacks may go: patterns of hosts and networks
#   loader                2  scenario files -> scenarios; an error names file, line and key
#   callbacks -> resolver 2  the one outgoing HTTP client: posts a callback, turns every failure into a value
#   driver -> pacer       2  core effects -> I/O; real time -> virtual time
#   sandboxes -> driver, sink  2  the isolated worlds, and the built-in places to receive callbacks
#   rehearsal             2  a flow played through the engine without a server: what its webhook would be posted
#   strategies, fakes -> rehearsal  2  Hypothesis strategies and a Faker provider; no server ever imports them
#   http/                 3  thin Starlette routes: the mocked API and the control API
#   server                4  the composition root: settings in, app out
#   cli -> demo, sweep    5  the console script, the demonstration, and every path of a flow against one's webhook
