"""The pure core: flows, the virtual clock, the engine. Standard library only, no I/O; the shell tells it the time.

It takes an hour to read. In this order, each file uses only the files above it:

    values       what a value is: never changed, cheap to make and to copy
    dialect      how an account may behave otherwise than this mock does by itself
    channels     the three channels as tables: their statuses, what can follow each, what each means
    faults       what a scenario can make go wrong with callbacks and requests
    step         what the caller asks for: a step, a callback, and of which service
    flow         what happens to it: a flow, its messages, and the functions that move it on; the rules are here
    setup        the settings of a sandbox, and how much it keeps
    cost         what a message costs, and the balance that pays for it

    outcome      what will happen to a step, and the timeline drawn from it
    catalogue    the built-in outcomes, and the magic recipients that choose them
    matcher      which steps a scenario applies to
    scenario     one scenario
    scenarios    the scenarios of a sandbox, in the order they are tried

    clock        the virtual clock
    chance       ids and delays, drawn from a seed
    schedule     what is due, and when
    commands     everything that can change a sandbox
    facts        everything that can happen in a sandbox
    journal      the facts, numbered, in one order
    deliveries   the callbacks, their attempts and retries
    slots        which of the servers behind a proxy a name belongs to
    tokens       the bearer tokens
    behaviour    how a sandbox behaves, and what the engine returns
    store        the flows that are kept, and which are forgotten

    parts        the objects that everything below shares
    timekeeping  sets and moves the clock
    ttls         starts and stops the ttls of steps
    account      issues tokens, sets the balance
    hand         pushes statuses, and holds steps
    selection    decides the outcome of a step
    acceptance   turns a send into a flow, or refuses it
    requests     journals requests, and knows which were refused
    outbox       decides which callbacks are posted, and when
    history      logs every command, so that a run can be repeated elsewhere
    engine       all of it together: submit a command, poll what is due
"""
