"""The soak: many flows, several sandboxes, a receiver that fails by plan, and an account of every callback.
`make soak` runs it.

    kinds       the flows that are sent, and what each one's callbacks must say
    mischief    which callbacks the receiver answers badly, how often, and how
    ledger      the account: every callback that came, and what should have
    receiver    the webhook, in a process of its own
    mock        the mock, in a process of its own, and what it holds
    lanes       the senders: one for each sandbox, in each mode of the clock
    verdict     what it came to, in words
    kills       instead of all that: a mock with --data is killed again and again, and called to account

The account is kept outside the mock, by numbers that the sender puts into the callback URLs.
"""
