"""What a recording says of the mock: which rules hold there, and the stories of its flows as scenarios and tests.

observations   one thing that was seen, held against one rule
shapes         what fields there are, and what is in them
documents      flow documents, whoever has them
tokens         requests for tokens
sends          sends, and which switch of a dialect explains what came back
requests       the other requests
otp            one-time passwords
sightings      a flow as it was seen again and again
histories      what became of a flow, held against the tables of statuses
retries        which callbacks were posted again, and when
clocks         whether the recorder's clock goes with the service's
stories        a flow as a scenario that was tried
texts          a story as a scenario file, and as a test
learner        all of it, over a whole recording
report         what was learnt, for people and for machines
"""
