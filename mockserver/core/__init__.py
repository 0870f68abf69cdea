"""The pure core: flows, the virtual clock, the engine. Standard library only: no I/O, and the time is told to it.

It can be read in an hour. In this order no file needs one that comes after it:

    values       what a value is: slotted, never changed, cheap to make
    channels     the three channels as tables: which statuses there are, what may follow, what it means
    faults       what may go wrong with callbacks and answers, if a scenario wants it
    step         what the caller asks for: a step, a callback
    flow         what becomes of it: a flow, its messages, and the functions that move it on; the rules are here
    setup        what a sandbox can be set up with, and how much it keeps
    cost         what a message costs, and the purse it is paid from

    outcome      what will happen to a step, drawn into a timeline
    catalogue    the outcomes there are, and the magic recipients that choose them
    matcher      which steps a scenario is about
    scenario     all that one scenario says
    scenarios    those of a sandbox, in the order they are asked

    clock        the virtual clock
    chance       ids and delays, drawn from a seed
    schedule     what is due, and when
    commands     everything that can change a sandbox
    facts        everything that can happen in one
    journal      the facts, numbered, in one order
    deliveries   the callbacks, their attempts and retries
    tokens       the bearer tokens
    behaviour    how a sandbox is set up, and what the engine answers with
    store        the flows that are kept, and which are forgotten

    parts        what everything below works with
    account      tokens are issued, the balance is set
    selection    who decides what becomes of a step
    acceptance   a send becomes a flow, or is refused
    outbox       which callbacks are posted, and when
    history      every command a sandbox got, to repeat it elsewhere
    engine       all of it together: submit a command, poll what is due
"""
